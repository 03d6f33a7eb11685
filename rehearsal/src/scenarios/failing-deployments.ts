import type { Step } from '../reporter/steps-view';
import {
  brokenTasksCheck,
  executionsCheck,
  failedActionCheck,
  rolledBackCheck,
  untouchedCheck,
} from './checks/failure-checks';
import { brokenCommit } from './commits/broken-commit';
import type { Breakage } from './commits/broken-programs';
import { imageDefinitionsCommit } from './commits/image-definitions-commit';
import { releasePath } from './commits/release-path';
import type { Commit } from './commits/repository';
import { failingRelease } from './story/failing-release';
import type { Story } from './story/story';
import { awaitRollback, endAtLimit } from './story/waits';

const ROLLED_BACK =
  'the circuit breaker brings the old version back, the execution is Failed (the rehearsal skips the wait of the deploy action until its time limit), and no request is lost.';

export const crashOnStart = brokenVersion({
  name: 'crash-on-start',
  breakage: 'crashes',
  expectation: `A version that crashes when it starts never serves: ${ROLLED_BACK}`,
  reason: /Essential container in task exited/,
});

export const failingHealthCheck = brokenVersion({
  name: 'failing-health-check',
  breakage: 'unhealthy',
  expectation: `A version that answers its health check with an error gets no request: ${ROLLED_BACK}`,
  reason: /failed (?:ELB|container) health checks/i,
});

export const hangsOnStart = brokenVersion({
  name: 'hangs-on-start',
  breakage: 'hangs',
  expectation: `A version that starts and never listens gets no request: ${ROLLED_BACK}`,
  reason: /failed (?:ELB|container) health checks/i,
});

export const imageMissing = failingRelease({
  name: 'image-missing',
  expectation: `A release whose image is not in the registry starts no container: ${ROLLED_BACK}`,
  steps: (story) =>
    rollbackSteps(story, async () => {
      const { containerName } = await releasePath(story);
      const image = story.image.replace(/:[^:/]+$/, ':rehearsed-and-missing');
      return imageDefinitionsCommit(
        story,
        JSON.stringify([{ name: containerName, imageUri: image }]),
      );
    }),
  checks: (facts) => [
    executionsCheck(facts, ['Failed']),
    failedActionCheck(facts, 'Deploy', /did not complete within/),
    rolledBackCheck(facts),
    brokenTasksCheck(facts, /CannotPullContainerError/),
  ],
});

export const badImageDefinitions = failingRelease({
  name: 'bad-image-definitions',
  expectation:
    'An image definitions file with the name of a container that the task has not, and one that is no JSON: both executions end in the deploy action and say why, the service is not touched, and no request is lost.',
  steps: (story) => [
    {
      title: 'git push of two broken image definitions files',
      run: async () => {
        const other = [{ name: 'no-such-container', imageUri: story.image }];
        for (const content of [JSON.stringify(other), '[{"name":']) {
          await story.push(await imageDefinitionsCommit(story, content));
          await story.awaitExecutions();
        }
      },
    },
  ],
  checks: (facts) => [
    executionsCheck(facts, ['Failed', 'Failed']),
    failedActionCheck(facts, 'Deploy', /no-such-container|JSON/),
    untouchedCheck(facts),
  ],
});

function brokenVersion(scenario: {
  readonly name: string;
  readonly breakage: Breakage;
  readonly expectation: string;
  /** Why ECS stops its tasks */
  readonly reason: RegExp;
}) {
  const { name, breakage, expectation, reason } = scenario;
  return failingRelease({
    name,
    expectation,
    steps: (story) => rollbackSteps(story, () => brokenCommit(story, breakage)),
    checks: (facts) => [
      executionsCheck(facts, ['Failed']),
      failedActionCheck(facts, 'Deploy', /did not complete within/),
      rolledBackCheck(facts),
      brokenTasksCheck(facts, reason),
      {
        expectation: 'the broken version is the one that the build of this commit pushed',
        passed: facts.pushedImages.includes(facts.deployments.at(-1)?.image ?? ''),
        actual: facts.deployments.at(-1)?.image ?? 'none',
      },
    ],
  });
}

function rollbackSteps(story: Story, commit: () => Promise<Commit>): Step[] {
  return [
    { title: 'git push', run: async () => story.push(await commit()) },
    { title: 'Deployment and rollback', run: () => awaitRollback(story) },
    { title: 'Time limit of the deploy action', run: () => endAtLimit(story) },
  ];
}
