/**
 * `npm run -w rehearsal mutations [-- NAME…]`: breaks a copy of the engine in one way after the
 * other and shows that a scenario turns red each time. The unbroken engine comes first: a scenario
 * that is red anyway proves nothing.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../src/clock';
import { ProcessLedger } from '../src/process/process-ledger';
import { runCommand } from '../src/process/run-command';
import { spawnProcess } from '../src/process/spawn-process';
import { stopProcess } from '../src/process/stop-process';
import type { Report } from '../src/report/report';
import { copyEngine, repository } from './engine-copy';
import { type Mutation, mutations } from './mutations';

/** Longest that a broken engine may go on; it counts as red then. */
const LIMIT_MS = 5 * 60_000;
const SPEED = '10';

const clock = new SystemClock();
const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
const ledger = new ProcessLedger(join(scratch, 'processes'));
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Outcome {
  /** Undefined when it had to be ended */
  readonly exitCode: number | undefined;
  /** Of every scenario: what was expected and not true */
  readonly untrue: readonly string[];
  readonly output: string;
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const unknown = wanted.filter((name) => !mutations.some((mutation) => mutation.name === name));
  if (unknown.length > 0) {
    say(
      `there is no mutation '${unknown.join("', '")}'; there are: ${mutations.map(({ name }) => name).join(', ')}.`,
    );
    return 2;
  }
  await makeProject();
  const scenarios = [...new Set(chosen.map(({ scenario }) => scenario))];
  const sound = await play('sound', undefined, scenarios);
  say(`unbroken: ${scenarios.join(', ')}: ${sound.exitCode === 0 ? 'passed' : 'FAILED'}`);
  if (sound.exitCode !== 0) {
    say([...sound.untrue, sound.output.slice(-2000)].join('\n'));
    return 1;
  }
  let unnoticed = 0;
  for (const mutation of chosen) {
    if (!(await isNoticed(mutation))) unnoticed += 1;
  }
  say(`${chosen.length - unnoticed} of ${chosen.length} mutations were noticed`);
  return unnoticed === 0 ? 0 : 1;
}

async function isNoticed(mutation: Mutation): Promise<boolean> {
  const { exitCode, untrue, output } = await play(mutation.name, mutation, [mutation.scenario]);
  if (exitCode === 1 || exitCode === undefined) {
    say(`${mutation.name}: ${mutation.scenario} turned red`);
    for (const text of exitCode === 1 ? untrue : ['it did not come to an end']) {
      say(`  ${text}`);
    }
    return true;
  }
  say(`${mutation.name}: NOT NOTICED, ${mutation.scenario} ended with exit code ${exitCode}`);
  if (exitCode !== 0) say(output.slice(-1500));
  return false;
}

/** What is rehearsed: the project of the scenarios' own tests. */
async function makeProject(): Promise<void> {
  cpSync(join(repository, 'rehearsal', 'test', 'scenarios', '_project'), scratch, {
    recursive: true,
  });
  const project = join(scratch, 'repository');
  const identity = ['-c', 'user.name=Mutations', '-c', 'user.email=mutations@localhost'];
  await require('git', ['init', '--quiet', '--initial-branch=main'], project);
  await require('git', ['add', '--all'], project);
  await require('git', [...identity, 'commit', '--quiet', '--message', 'First version'], project);
}

async function require(file: string, args: readonly string[], cwd: string): Promise<void> {
  const { exitCode, stderr } = await runCommand(file, args, { cwd });
  if (exitCode !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
}

async function play(
  name: string,
  mutation: Mutation | undefined,
  scenarios: readonly string[],
): Promise<Outcome> {
  const directory = join(scratch, name);
  const program = copyEngine(directory, mutation);
  const report = join(directory, 'report');
  let output = '';
  const engine = await spawnProcess(
    process.execPath,
    [
      ...['--import', 'tsx', program, '--engine', 'process', '--speed', SPEED],
      ...['--project', join(scratch, 'repository'), '--assembly', join(scratch, 'assembly')],
      ...['--report', report, ...scenarios.flatMap((scenario) => ['--scenario', scenario])],
    ],
    {
      cwd: join(directory, 'rehearsal'),
      env: { ...environment, CI: 'true', REHEARSAL_HOME: join(scratch, 'home') },
      onStdout: (text) => (output += text),
      onStderr: (text) => (output += text),
      ledger,
    },
  );
  const ended = new AbortController();
  const limit = clock.delay(LIMIT_MS * scenarios.length, ended.signal).then(() => 'late' as const);
  const first = await Promise.race([engine.exited, limit]);
  ended.abort();
  // It cleans up after SIGTERM.
  if (first === 'late') await stopProcess(engine, clock, 30_000);
  const exitCode = first === 'late' ? undefined : first.exitCode;
  const path = join(report, 'report.json');
  const untrue = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Report).scenarios.flatMap(({ checks }) =>
        checks
          .filter(({ passed }) => !passed)
          .map(({ expectation, actual }) => `not true: ${expectation} (seen: ${actual})`),
      )
    : [];
  return { exitCode, untrue, output };
}

try {
  process.exitCode = await main();
} finally {
  ledger.endAll();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}
