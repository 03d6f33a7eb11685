import type { TaskRecord } from '../ecs/task-record';
import type { Check } from '../report/report';
import { check } from './checks/checks';
import { releaseChecks } from './checks/release-checks';
import { withoutSigterm } from './commits/container-program';
import { changeFirstVersion } from './commits/first-version';
import { pushQuickRelease } from './commits/quick-release';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';

/** Docker and ECS count the stop timeout in whole seconds. */
const TOLERANCE_MS = 1500;

/** The first version never hears of its stop signal, so a release has to end it by force. */
export const ignoresSigterm: Scenario = {
  name: 'ignores-sigterm',
  expectation:
    'Tasks of a version that ignores SIGTERM get SIGKILL after their stopTimeout; the release that replaces them completes all the same, and no request is lost, because they were out of the load balancer before.',
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    let restore: (() => Promise<void>) | undefined;
    let firstTasks: readonly Readonly<TaskRecord>[] = [];
    return {
      steps: [
        {
          title: 'A first version that ignores SIGTERM',
          run: async () => {
            restore = await changeFirstVersion(story, withoutSigterm, 'Ignore SIGTERM');
          },
        },
        ...story.opening,
        {
          title: 'git push',
          run: async () => {
            firstTasks = story.running.ecs.tasks();
            await restore?.();
            await pushQuickRelease(story);
          },
        },
        { title: 'Pipeline execution', run: () => story.awaitExecutions() },
        { title: 'Traffic against the new version', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: (facts) => [...releaseChecks(facts), killCheck(firstTasks)],
    };
  },
};

function killCheck(tasks: readonly Readonly<TaskRecord>[]): Check {
  return check(
    'every task of the first version was killed (exit code 137) when its stopTimeout was over',
    tasks.length > 0 && tasks.every(wasKilledInTime),
    tasks.map(endOf).join(', ') || 'there were none',
  );
}

function wasKilledInTime(task: Readonly<TaskRecord>): boolean {
  const { stoppingAt, stoppedAt, containers } = task;
  const timeout = Math.max(...containers.map(({ definition }) => definition.stopTimeout)) * 1000;
  return (
    stoppingAt !== undefined &&
    stoppedAt !== undefined &&
    stoppedAt - stoppingAt >= timeout - TOLERANCE_MS &&
    containers.some(({ exit }) => exit?.exitCode === 137)
  );
}

function endOf({ taskId, lastStatus, stoppingAt, stoppedAt, containers }: Readonly<TaskRecord>) {
  const took =
    stoppingAt === undefined || stoppedAt === undefined
      ? 'not stopped'
      : `${((stoppedAt - stoppingAt) / 1000).toFixed(1)} s from SIGTERM to STOPPED`;
  const codes = containers.map(({ exit }) => exit?.exitCode ?? 'none').join(', ');
  return `${taskId.slice(0, 8)} ${lastStatus}, ${took}, exit code ${codes}`;
}
