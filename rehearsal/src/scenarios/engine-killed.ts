import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RehearsalError } from '../errors';
import { runDirectoryOf, startEngine } from '../process/engine-program';
import { startTimeOf } from '../process/process-ledger';
import type { Check, Report, ScenarioReport } from '../report/report';
import { check } from './checks/checks';
import type { Facts } from './checks/facts';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';
import { taskKilled, TITLE_MID_DEPLOYMENT } from './task-killed';

/** Longest that one of the two runs may take. */
const RUN_MS = 10 * 60_000;

/** What the killed engine left, and what the next one made of it. */
interface Seen {
  /** Run directory of the killed engine */
  left: string | undefined;
  /** Processes that went on without it, by pid, with their start times */
  orphans: ReadonlyMap<number, string>;
  exitCode: number | undefined;
  report: ScenarioReport | undefined;
}

/** The engine itself is killed in the middle of a deployment, as by a full memory. */
export const engineKilled: Scenario = {
  name: 'engine-killed',
  expectation:
    'The rehearsal itself is killed in the middle of a deployment; the next one ends and removes what it left, and passes.',
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    const { program, run } = settings;
    const seen: Seen = {
      left: undefined,
      orphans: new Map(),
      exitCode: undefined,
      report: undefined,
    };
    const reports = run.directory('reports');
    const play = (name: string, onOutput: (text: string) => void) =>
      startEngine(
        program,
        ['--scenario', taskKilled.name, '--report', join(reports, name)],
        onOutput,
        run.ledger,
      );
    return {
      steps: [
        {
          title: 'A rehearsal that is killed in the middle of a deployment',
          run: async () => {
            const { pid, output } = await killMidDeployment(story, (onOutput) =>
              play('killed', onOutput),
            );
            seen.left = runDirectoryOf(program.home, pid);
            if (seen.left === undefined) throw notUnderWay(output);
            seen.orphans = orphansOf(seen.left);
          },
        },
        {
          title: 'The next rehearsal',
          run: async () => {
            const next = await play('next', () => undefined);
            const { exitCode } = await withLimit(story, next.exited, () => next.kill('SIGKILL'));
            seen.exitCode = exitCode;
            seen.report = readReport(join(reports, 'next', 'report.json'));
          },
        },
      ],
      facts: (): Facts => ({ ...story.facts(), ...factsOf(seen.report) }),
      checks: () => checksOf(seen),
    };
  },
};

async function killMidDeployment(
  story: Story,
  start: (onOutput: (text: string) => void) => ReturnType<typeof startEngine>,
): Promise<{ pid: number; output: string }> {
  let output = '';
  let underWay: (() => void) | undefined;
  const midDeployment = new Promise<void>((resolve) => (underWay = resolve));
  const engine = await start((text) => {
    output += text;
    const begun = output.indexOf(TITLE_MID_DEPLOYMENT);
    if (begun >= 0 && output.includes(': RUNNING', begun)) underWay?.();
  });
  const first = await withLimit(
    story,
    Promise.race([midDeployment.then(() => 'under way'), engine.exited.then(() => 'ended')]),
    () => engine.kill('SIGKILL'),
  );
  if (first !== 'under way') throw notUnderWay(output);
  process.kill(engine.pid, 'SIGKILL');
  await engine.exited;
  return { pid: engine.pid, output };
}

function notUnderWay(output: string): RehearsalError {
  return new RehearsalError(
    'EngineNotKilled',
    `the rehearsal that was to be killed ended before its deployment:\n${output.split('\n').slice(-15).join('\n')}`,
    { exitCode: 1 },
  );
}

async function withLimit<T>(story: Story, work: Promise<T>, onLimit: () => void): Promise<T> {
  const ended = new AbortController();
  void story.world.clock.delay(RUN_MS, ended.signal).then(() => {
    if (!ended.signal.aborted) onLimit();
  });
  return work.finally(() => ended.abort());
}

/** What the killed engine had written down and what still runs. */
function orphansOf(directory: string): ReadonlyMap<number, string> {
  const ledger = join(directory, 'processes');
  return new Map(
    readdirSync(ledger)
      .map((name) => [Number(name), readFileSync(join(ledger, name), 'utf8')] as const)
      .filter(([pid, started]) => startTimeOf(pid) === started),
  );
}

function readReport(path: string): ScenarioReport | undefined {
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as Report).scenarios[0];
}

function factsOf(report: ScenarioReport | undefined): Partial<Facts> {
  if (report === undefined) return {};
  const { executions, deployments, traffic, mail } = report;
  return { executions, deployments, traffic, mail };
}

function checksOf({ left, orphans, exitCode, report }: Seen): Check[] {
  const alive = [...orphans].filter(([pid, started]) => startTimeOf(pid) === started);
  return [
    check(
      'the killed engine left its files behind',
      left !== undefined,
      `${left === undefined ? 'nothing' : 'a run directory'} and ${orphans.size} processes`,
    ),
    check(
      'the next engine ended and removed all of it',
      left !== undefined && !existsSync(left) && alive.length === 0,
      `${alive.length} of ${orphans.size} processes still run; the directory ${left !== undefined && existsSync(left) ? 'is still there' : 'is gone'}`,
    ),
    check(
      `the next rehearsal, of ${taskKilled.name}, passed`,
      exitCode === 0 && report?.passed === true,
      `exit code ${exitCode ?? 'none'}`,
    ),
  ];
}
