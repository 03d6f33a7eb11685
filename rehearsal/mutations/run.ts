/**
 * `npm run -w rehearsal mutations [-- NAME…]`: breaks a copy of the engine in one way after the
 * other and shows that a scenario turns red each time. The unbroken engine comes first: a scenario
 * that is red anyway proves nothing.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessLedger } from '../src/process/process-ledger';
import { changeTemplate, guardDeployments } from '../test/scenarios/_template';
import { copyEngine, repository } from './engine-copy';
import { endOnSignals } from './end-on-signals';
import { type Mutation, mutations } from './mutations';
import { commitAll, type Outcome, playScenarios } from './play-scenarios';

const scratch = mkdtempSync(join(tmpdir(), 'mutations-'));
const ledger = new ProcessLedger(join(scratch, 'processes'));

const say = (line: string) => process.stdout.write(`${line}\n`);

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
  // The project of the scenarios' own tests, with what every one of them needs.
  cpSync(join(repository, 'rehearsal', 'test', 'scenarios', '_project'), scratch, {
    recursive: true,
  });
  changeTemplate(join(scratch, 'assembly'), guardDeployments);
  await commitAll(join(scratch, 'repository'));
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

async function play(
  name: string,
  mutation: Mutation | undefined,
  scenarios: readonly string[],
): Promise<Outcome> {
  const directory = join(scratch, name);
  return playScenarios({
    program: copyEngine(directory, mutation),
    project: join(scratch, 'repository'),
    assembly: join(scratch, 'assembly'),
    report: join(directory, 'report'),
    home: join(scratch, 'home'),
    scenarios,
    speed: 10,
    ledger,
  });
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
