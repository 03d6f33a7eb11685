import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from './report';
import { reportPage } from './report-page';

/**
 * Writes report.json and report.html, each complete or not at all.
 * @returns the paths
 */
export function writeReport(report: Report, directory: string): { json: string; page: string } {
  mkdirSync(directory, { recursive: true });
  const json = join(directory, 'report.json');
  const page = join(directory, 'report.html');
  replaceFile(json, `${JSON.stringify(report, null, 2)}\n`);
  replaceFile(page, reportPage(report));
  return { json, page };
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
