import { check, deploymentStates } from './checks/checks';
import { brokenTasksCheck } from './checks/failure-checks';
import { brokenProgram } from './commits/broken-programs';
import { withProgram } from './commits/container-program';
import { dockerfileOf } from './commits/release-change';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';

/** Longest that tasks may take to be drained and stopped, in milliseconds of real time. */
const STOPPING_MS = 5 * 60_000;
const LOOK_MS = 100;

/** The very first version is broken, and there is nothing to go back to. */
export const firstDeploymentFails: Scenario = {
  name: 'first-deployment-fails',
  expectation:
    'When the very first version crashes, the circuit breaker fails the deployment instead of starting tasks for hours; there is nothing to roll back to, no task is left, and nobody is told that it succeeded.',
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    let reason = 'the deployment did not end';
    let tasksAtEnd = 0;
    return {
      steps: [
        {
          title: 'First image, of a version that crashes',
          run: async () => {
            await commitCrash(story);
            await story.pushFirstImage();
          },
        },
        {
          title: 'Stacks deployed, service started',
          run: async () => {
            await story.createService();
            const { deployments } = await story.awaitDeploymentEnd();
            reason = deployments[0]?.rolloutStateReason ?? reason;
            tasksAtEnd = story.running.ecs.tasks().length;
          },
        },
        { title: 'The last task ends, and nothing more begins', run: () => awaitStopped(story) },
      ],
      facts: () => story.facts(),
      checks: (facts) => [
        check(
          'the circuit breaker failed the only deployment',
          facts.deployments.length === 1 &&
            facts.deployments[0]?.rolloutState === 'FAILED' &&
            reason.includes('circuit breaker'),
          `${deploymentStates(facts)}: ${reason}`,
        ),
        brokenTasksCheck(facts, /Essential container in task exited/),
        check(
          'no further task was started',
          facts.tasks.length === tasksAtEnd && facts.runningTasks.length === 0,
          `${tasksAtEnd} tasks at the end, ${facts.tasks.length} a moment later`,
        ),
        check(
          'no execution of the pipeline Succeeded',
          facts.executions.every(({ status }) => status !== 'Succeeded'),
          facts.executions.map(({ status }) => status).join(', ') || 'none was started',
        ),
      ],
    };
  },
};

/** Waits until no task is left, and a moment longer. */
async function awaitStopped(story: Story): Promise<void> {
  const { clock } = story.world;
  const until = clock.now() + STOPPING_MS;
  const isLeft = () => story.running.ecs.tasks().some(({ lastStatus }) => lastStatus !== 'STOPPED');
  while (isLeft() && clock.now() < until) await clock.delay(LOOK_MS);
  await story.observe();
}

async function commitCrash(story: Story): Promise<void> {
  const path = dockerfileOf(await story.files(), story.read('buildspec.yml')) ?? 'Dockerfile';
  const dockerfile = story.read(path);
  // A port is what only a server needs.
  const content = withProgram(dockerfile, brokenProgram('crashes', dockerfile, 0));
  await story.commit({ message: 'A version that crashes', files: [{ path, content }] });
}
