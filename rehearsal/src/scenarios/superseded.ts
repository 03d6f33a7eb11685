import type { Check } from '../report/report';
import {
  callsCheck,
  check,
  deploymentStates,
  lostCheck,
  runningCheck,
  tagOf,
} from './checks/checks';
import type { Facts } from './checks/facts';
import { executionsCheck } from './checks/failure-checks';
import { quickRelease } from './commits/quick-release';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';
import { awaitUntil } from './story/waits';

/** Long enough for two more pushes to arrive while the first commit is built. */
const BUILD_SECONDS = 4;

export const superseded: Scenario = {
  name: 'superseded',
  expectation:
    'While one commit is built, two more are pushed: the one between is Superseded and never built, the other two are released one after the other, the last one serves in the end, and no request is lost.',
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    return {
      steps: [
        ...story.opening,
        {
          title: 'git push, and the build begins',
          run: async () => {
            await story.push(await quickRelease(story, BUILD_SECONDS));
            await awaitUntil(story, () => story.executions()[0]?.stages.length === 2);
          },
        },
        {
          title: 'git push, and it waits for the build',
          run: async () => {
            await story.push(await quickRelease(story));
            await awaitUntil(
              story,
              () => story.executions()[1]?.stages[0]?.finishedAt !== undefined,
            );
          },
        },
        { title: 'git push', run: async () => story.push(await quickRelease(story)) },
        { title: 'Pipeline executions', run: () => story.awaitExecutions() },
        { title: 'Traffic against the newest version', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: supersededChecks,
    };
  },
};

function supersededChecks(facts: Facts): Check[] {
  const { executions, deployments, pushedCommits, recordedTags } = facts;
  const last = deployments.at(-1);
  return [
    executionsCheck(facts, ['Succeeded', 'Superseded', 'Succeeded']),
    check(
      'the superseded execution did nothing but fetch its source',
      executions[1]?.stages.length === 1,
      executions[1]?.stages.map(({ name }) => name).join(', ') ?? 'no execution',
    ),
    check(
      'the first and the last commit were deployed, one after the other',
      deployments.length === 3 &&
        deployments.every(({ rolloutState }) => rolloutState === 'COMPLETED') &&
        executions[2]?.commit === pushedCommits[2],
      deploymentStates(facts),
    ),
    runningCheck(facts, last),
    check(
      'every SSM parameter that held the tag of the version before holds the newest one',
      Object.values(recordedTags).every((value) => value === tagOf(last?.image)),
      Object.entries(recordedTags)
        .map(([name, value]) => `${name} = ${value}`)
        .join(', ') || 'no parameter held it',
    ),
    lostCheck(facts),
    callsCheck(facts),
  ];
}
