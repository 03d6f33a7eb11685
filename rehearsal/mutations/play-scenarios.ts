import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SystemClock } from '../src/clock';
import type { ProcessLedger } from '../src/process/process-ledger';
import { runCommand } from '../src/process/run-command';
import { spawnProcess } from '../src/process/spawn-process';
import { stopProcess } from '../src/process/stop-process';
import type { Report } from '../src/report/report';

/** Longest that a scenario may go on; it counts as red then. */
const LIMIT_MS = 5 * 60_000;

const clock = new SystemClock();
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

export interface PlayOptions {
  /** Path of the engine's command line */
  readonly program: string;
  /** Path of the git repository to rehearse */
  readonly project: string;
  /** Path of its cloud assembly */
  readonly assembly: string;
  readonly report: string;
  /** Where the engine keeps runs and caches */
  readonly home: string;
  readonly scenarios: readonly string[];
  readonly speed: number;
  readonly ledger: ProcessLedger;
  /** Further options of the command line */
  readonly args?: readonly string[];
}

export interface Outcome {
  /** Undefined when it had to be ended */
  readonly exitCode: number | undefined;
  /** Of every scenario: what was expected and not true */
  readonly untrue: readonly string[];
  readonly output: string;
  /** Undefined when the engine wrote none */
  readonly report: Report | undefined;
}

/** Plays scenarios with an engine in a process of its own, without Docker. */
export async function playScenarios(options: PlayOptions): Promise<Outcome> {
  const { program, project, assembly, report: reportDirectory, scenarios, speed } = options;
  let output = '';
  const engine = await spawnProcess(
    process.execPath,
    [
      ...['--import', 'tsx', program, '--engine', 'process', '--speed', String(speed)],
      ...['--project', project, '--assembly', assembly, '--report', reportDirectory],
      ...scenarios.flatMap((scenario) => ['--scenario', scenario]),
      ...(options.args ?? []),
    ],
    {
      cwd: dirname(dirname(program)),
      env: { ...environment, CI: 'true', REHEARSAL_HOME: options.home },
      onStdout: (text) => (output += text),
      onStderr: (text) => (output += text),
      ledger: options.ledger,
    },
  );
  const ended = new AbortController();
  const limit = clock.delay(LIMIT_MS * scenarios.length, ended.signal).then(() => 'late' as const);
  const first = await Promise.race([engine.exited, limit]);
  ended.abort();
  // It cleans up after SIGTERM.
  if (first === 'late') await stopProcess(engine, clock, 30_000);
  const exitCode = first === 'late' ? undefined : first.exitCode;
  const path = `${reportDirectory}/report.json`;
  const report = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : undefined;
  const untrue = (report?.scenarios ?? []).flatMap(({ checks }) =>
    checks
      .filter(({ passed }) => !passed)
      .map(({ expectation, actual }) => `not true: ${expectation} (seen: ${actual})`),
  );
  return { exitCode, untrue, output, report };
}

/** Makes a directory a git repository with everything in its first commit. */
export async function commitAll(directory: string): Promise<void> {
  const identity = ['-c', 'user.name=Nobody', '-c', 'user.email=nobody@localhost'];
  await requireCommand('git', ['init', '--quiet', '--initial-branch=main'], directory);
  await requireCommand('git', ['add', '--all'], directory);
  const commit = ['commit', '--quiet', '--message', 'First version'];
  await requireCommand('git', [...identity, ...commit], directory);
}

/** @throws Error with what the program wrote when it fails */
export async function requireCommand(
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  const { exitCode, stdout, stderr } = await runCommand(file, args, { cwd });
  if (exitCode !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}${stdout}`);
}
