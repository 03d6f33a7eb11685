import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Counts a project's builds, from 1, within one run of the engine. */
export function nextBuildNumber(runDirectory: string, project: string): number {
  const directory = join(runDirectory, 'codebuild', 'numbers');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, project);
  const number = lastNumber(file) + 1;
  writeFileSync(file, String(number));
  return number;
}

function lastNumber(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}
