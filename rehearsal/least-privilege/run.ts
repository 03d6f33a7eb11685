/**
 * `npm run -w rehearsal least-privilege [-- NAME…]`: takes one permission after the other out of the
 * templates and shows that a scenario turns red each time, because that call is denied. What no
 * scenario needs must be explained in `explained.ts`. NAME is part of a line that it prints.
 *
 * The stacks, buildspec.yml and deploy.sh are the real ones; a service that starts at once stands in
 * for the real one. The whole templates come first: a scenario that is red anyway proves nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../mutations/engine-copy';
import { endOnSignals } from '../mutations/end-on-signals';
import {
  commitAll,
  type Outcome,
  playScenarios,
  requireCommand,
} from '../mutations/play-scenarios';
import { ProcessLedger } from '../src/process/process-ledger';
import type { StatementUse } from '../src/iam/policy-use';
import { changedAssembly } from './changed-assembly';
import { explanationOf, unusedExplanations } from './explained';
import { deniedBecause } from './denied-because';
import { describeRemoval, isUsed, type Removal, removalsOf } from './removals';
import { writeShortProject } from './short-project';

/** The shortest first; each permission is tried with the first that uses it. */
const SCENARIOS = ['release', 'failing-tests', 'crash-on-start'];

const scratch = mkdtempSync(join(tmpdir(), 'least-privilege-'));
const ledger = new ProcessLedger(join(scratch, 'processes'));
const assembly = join(scratch, 'assembly');
const project = join(scratch, 'project');

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  await prepare();
  const uses = new Map<string, readonly StatementUse[]>();
  for (const scenario of SCENARIOS) {
    const { exitCode, report, untrue, output } = await play(scenario, assembly, 'whole');
    if (exitCode !== 0 || report === undefined) {
      say(`${scenario} is red with the whole templates:`);
      say([...untrue, output.slice(-2000)].join('\n'));
      return 1;
    }
    uses.set(scenario, report.statements);
  }
  const all = removalsOf([...uses.values()][0] ?? []);
  const names = process.argv.slice(2);
  const chosen = all.filter(
    (removal) =>
      names.length === 0 || names.some((name) => describeRemoval(removal).includes(name)),
  );
  say(`${chosen.length} permissions of ${all.length} are taken away, one at a time`);
  say('| permission | without it |');
  say('| ---------- | ---------- |');
  let open = 0;
  for (const [index, removal] of chosen.entries()) {
    const scenario = SCENARIOS.find((name) => isUsed(removal, uses.get(name) ?? []));
    const red = scenario && (await isRed(scenario, removal, `removal-${index}`));
    if (red === undefined && explanationOf(removal) === undefined) open += 1;
    say(`| ${describeRemoval(removal)} | ${red ?? explained(removal)} |`);
  }
  const stale = names.length === 0 ? unusedExplanations(all) : [];
  for (const { permission } of stale) say(`explained, but not in the templates: ${permission}`);
  say(`${open} permissions are neither needed nor explained`);
  return open + stale.length === 0 ? 0 : 1;
}

function explained(removal: Removal): string {
  const explanation = explanationOf(removal);
  return explanation === undefined
    ? 'NOTHING HAPPENS'
    : `no scenario needs it: ${explanation.reason} [source](${explanation.source})`;
}

/** @returns which scenario turned red and why; undefined when it did not, or for another reason */
async function isRed(scenario: string, removal: Removal, name: string) {
  const changed = changedAssembly(assembly, join(scratch, `${name}-assembly`), removal);
  const outcome = await play(scenario, changed, name);
  const because = deniedBecause(outcome, removal);
  if (because === undefined && outcome.exitCode !== 0) {
    say(`${describeRemoval(removal)}: ${scenario} is red for another reason:`);
    say([...outcome.untrue, outcome.output.slice(-1500)].join('\n'));
  }
  rmSync(changed, { recursive: true, force: true });
  return because && `_${scenario}_ turns red: ${because}`;
}

function play(scenario: string, of: string, name: string): Promise<Outcome> {
  return playScenarios({
    program: join(repository, 'rehearsal', 'src', 'cli.ts'),
    project,
    assembly: of,
    report: join(scratch, `report-${name}-${scenario}`),
    home: join(scratch, 'home'),
    scenarios: [scenario],
    speed: 100,
    ledger,
    args: ['--rps', '5'],
  });
}

async function prepare(): Promise<void> {
  writeShortProject(repository, project);
  await commitAll(project);
  const synth = ['cdk', 'synth', '--quiet', '--no-validation', '--output', assembly];
  await requireCommand('npx', synth, join(repository, 'cdk'));
}

const cleanUp = () => {
  ledger.endAll();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
};
endOnSignals(cleanUp);
try {
  process.exitCode = await main();
} finally {
  cleanUp();
}
