import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RehearsalOptions } from '../../src/options';
import { Rehearsal, type RehearsalResult } from '../../src/rehearsal';
import { changeTemplate, type Template } from './_template';

export type { Template };

const fixture = fileURLToPath(new URL('_project', import.meta.url));

/** Longest that one scenario may take on a busy machine, in milliseconds. */
export const SCENARIO_TIMEOUT_MS = 120_000;

/**
 * Plays scenarios on the smallest project, with processes for containers unless told otherwise, in a
 * copy that is a git repository.
 *
 * @param scratch directory for the copy, the engine's files and the report
 * @param change what the project's template is given before
 */
export async function rehearse(
  scratch: string,
  scenarios: readonly string[],
  change: (template: Template) => void = () => undefined,
  options: Partial<RehearsalOptions> = {},
): Promise<RehearsalResult> {
  const home = mkdtempSync(join(scratch, 'project-'));
  cpSync(fixture, home, { recursive: true });
  changeTemplate(join(home, 'assembly'), change);
  const project = join(home, 'repository');
  const author = ['-c', 'user.name=Someone', '-c', 'user.email=someone@example.com'];
  for (const command of ['init --quiet', 'add --all', 'commit --quiet -m First']) {
    execFileSync('git', [...author, ...command.split(' ')], { cwd: project });
  }
  const rehearsal = new Rehearsal(
    {
      scenarios,
      list: false,
      engine: 'process',
      project,
      assembly: join(home, 'assembly'),
      speed: 20,
      rps: 60,
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

/** Expectations that were not met, by scenario; none when all passed. */
export function untrue({ report }: RehearsalResult): Record<string, string[]> {
  const failed = report.scenarios.filter(({ passed }) => !passed);
  return Object.fromEntries(
    failed.map(({ name, checks }) => [
      name,
      checks
        .filter(({ passed }) => !passed)
        .map(({ expectation, actual }) => `${expectation}: ${actual}`),
    ]),
  );
}
