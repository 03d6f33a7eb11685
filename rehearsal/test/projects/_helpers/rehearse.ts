import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RehearsalOptions } from '../../../src/options';
import { Rehearsal, type RehearsalResult } from '../../../src/rehearsal';

const projects = fileURLToPath(new URL('..', import.meta.url));

/** Longest that a rehearsal of a fixture may take on a busy machine, in milliseconds. */
export const REHEARSAL_TIMEOUT_MS = 180_000;

/**
 * Rehearses the release of a project under `test/projects`, with processes for containers, in a
 * copy that is a git repository.
 *
 * @param name of its folder
 * @param scratch directory for the copy, the engine's files and the report
 */
export async function rehearse(
  name: string,
  scratch: string,
  options: Partial<RehearsalOptions> = {},
): Promise<RehearsalResult> {
  const home = mkdtempSync(join(scratch, `${name}-`));
  const project = join(home, 'repository');
  cpSync(join(projects, name, 'fixtures', 'repository'), project, { recursive: true });
  const author = ['-c', 'user.name=Someone', '-c', 'user.email=someone@example.com'];
  for (const command of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '--quiet', '-m', 'x'],
  ]) {
    execFileSync('git', [...author, ...command], { cwd: project });
  }
  const rehearsal = new Rehearsal(
    {
      scenarios: ['release'],
      list: false,
      engine: 'process',
      project,
      assembly: join(projects, name, 'fixtures', 'assembly'),
      speed: 100,
      rps: 10,
      report: join(home, 'report'),
      allowUnplayed: [],
      parameters: {},
      smtp: undefined,
      ...options,
    },
    { home: join(home, '.rehearsal'), environment: process.env, terminal: false },
  );
  try {
    return await rehearsal.play();
  } finally {
    await rehearsal.close();
  }
}

/** Expectations of the release that were not met, with what was seen; none when it passed. */
export function failedChecks({ report }: RehearsalResult): string[] {
  return report.scenarios.flatMap(({ checks }) =>
    checks
      .filter(({ passed }) => !passed)
      .map(({ expectation, actual }) => `${expectation}: ${actual}`),
  );
}
