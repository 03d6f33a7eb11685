import type { TaskRecord } from '../ecs/task-record';
import { RehearsalError } from '../errors';
import type { Check } from '../report/report';
import type { FailedRequest } from '../traffic/traffic-tally';
import { check, deploymentStates, runningCheck } from './checks/checks';
import type { Scenario } from './scenario';
import { Deregistrations } from './story/deregistrations';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';

/** How long a replacement may take to serve, in milliseconds of real time. */
const REPLACEMENT_MS = 5 * 60_000;

/** What more requests lose would set off alarms that guard deployments, and rightly roll one back. */
const MOST_PER_SECOND = 20;

/** The step that a deployment is under way in */
export const TITLE_MID_DEPLOYMENT = 'A task is killed in the middle of a deployment';

/**
 * Containers end as if the host had failed under them: in steady state, and in the middle of a
 * deployment. AWS promises no more than a replacement: what the task was working on is gone, and so
 * is what the load balancer still gave it until ECS took it out.
 */
export const taskKilled: Scenario = {
  name: 'task-killed',
  expectation:
    'A task whose container is killed is replaced, in steady state and in the middle of a deployment, and the deployment completes; nothing is lost but requests that the killed task had, or was given before ECS took it out of the load balancer.',
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    const deregistrations = new Deregistrations();
    const stopListening = world.events.subscribe((event) => deregistrations.record(event));
    const killed: Readonly<TaskRecord>[] = [];
    const kill = async (isVictim: (task: Readonly<TaskRecord>) => boolean) => {
      const victim = await awaitTask(story, isVictim);
      killed.push(victim);
      await Promise.all(victim.containers.map(async ({ running }) => running?.kill()));
    };
    return {
      steps: [
        ...story.openingWith({
          requestsPerSecond: Math.min(settings.requestsPerSecond, MOST_PER_SECOND),
        }),
        {
          title: 'A task is killed in steady state',
          run: async () => {
            await kill(({ lastStatus }) => lastStatus === 'RUNNING');
            await awaitReplacement(story);
          },
        },
        {
          title: TITLE_MID_DEPLOYMENT,
          run: async () => {
            const before = new Set(story.running.ecs.tasks().map(({ taskId }) => taskId));
            story.forceNewDeployment();
            await kill(({ taskId, lastStatus }) => lastStatus === 'RUNNING' && !before.has(taskId));
            await story.awaitDeployment();
          },
        },
        { title: 'Traffic afterwards', run: () => story.observeEnd().finally(stopListening) },
      ],
      facts: () => {
        const facts = story.facts();
        const { failed } = lossesOf(killed, deregistrations, story.failedRequests);
        return { ...facts, traffic: { ...facts.traffic, failedWithKilledTasks: failed.length } };
      },
      checks: (facts) => [
        check(
          'both killed tasks are STOPPED, because their essential container exited with code 137',
          killed.length === 2 && killed.every(wasKilled),
          killed.map(endOf).join(', ') || 'none was killed',
        ),
        runningCheck(facts),
        check(
          'the deployment that was under way completed all the same',
          facts.deployments.length === 2 &&
            facts.deployments.every(({ rolloutState }) => rolloutState === 'COMPLETED'),
          deploymentStates(facts),
        ),
        lossCheck(lossesOf(killed, deregistrations, story.failedRequests), facts.traffic.sent),
      ],
    };
  },
};

/** @throws RehearsalError `TaskNotThere` */
async function awaitTask(
  { running, world }: Story,
  isWanted: (task: Readonly<TaskRecord>) => boolean,
): Promise<Readonly<TaskRecord>> {
  const until = world.clock.now() + REPLACEMENT_MS;
  while (world.clock.now() < until) {
    const task = running.ecs.tasks().find(isWanted);
    if (task !== undefined) return task;
    await world.clock.delay(50);
  }
  throw new RehearsalError(
    'TaskNotThere',
    `no task was RUNNING within ${REPLACEMENT_MS / 60_000} minutes, so none could be killed.`,
    { exitCode: 1 },
  );
}

/** @throws RehearsalError `TaskNotReplaced` */
async function awaitReplacement({ running, world }: Story): Promise<void> {
  const until = world.clock.now() + REPLACEMENT_MS;
  const [service] = running.ecs.describeServices();
  const wanted = service?.desiredCount ?? 0;
  const healthy = () =>
    running.ecs.tasks().filter(({ lastStatus }) => lastStatus === 'RUNNING').length;
  while (healthy() !== wanted) {
    if (world.clock.now() >= until) {
      throw new RehearsalError(
        'TaskNotReplaced',
        `${healthy()} of ${wanted} tasks were RUNNING ${REPLACEMENT_MS / 60_000} minutes after one was killed.`,
        { exitCode: 1 },
      );
    }
    await world.clock.delay(50);
  }
}

function wasKilled({ lastStatus, stopCode, containers }: Readonly<TaskRecord>): boolean {
  return (
    lastStatus === 'STOPPED' &&
    stopCode === 'EssentialContainerExited' &&
    containers.some(({ exit }) => exit?.exitCode === 137)
  );
}

function endOf({ taskId, lastStatus, stopCode, containers }: Readonly<TaskRecord>): string {
  const codes = containers.map(({ exit }) => exit?.exitCode ?? 'none').join(', ');
  return `${taskId.slice(0, 8)} ${lastStatus} ${stopCode ?? ''} exit code ${codes}`;
}

/** Which requests failed with a killed task, before the load balancer was told to stop using it. */
function lossesOf(
  killed: readonly Readonly<TaskRecord>[],
  deregistrations: Deregistrations,
  requests: readonly FailedRequest[],
) {
  const addresses = new Set(killed.map(({ networkInterface }) => networkInterface.address));
  const isOfKilled = ({ target = '', time }: FailedRequest) => {
    const takenOut = deregistrations.timeOf(target);
    const wasKilled = addresses.has(target.split(':')[0] ?? '');
    return wasKilled && takenOut !== undefined && Date.parse(time) <= takenOut;
  };
  return {
    failed: requests.filter(isOfKilled),
    unexplained: requests.filter((request) => !isOfKilled(request)),
  };
}

function lossCheck({ failed, unexplained }: ReturnType<typeof lossesOf>, sent: number): Check {
  return check(
    'nothing was lost but what a killed task had, or was given before ECS took it out',
    sent > 0 && unexplained.length === 0,
    `${failed.length} of ${sent} requests were lost with the killed tasks, ${unexplained.length} otherwise`,
  );
}
