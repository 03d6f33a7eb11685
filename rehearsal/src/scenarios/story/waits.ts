import type { Clock } from '../../clock';
import type { ServiceDescription } from '../../ecs/service-description';
import { RehearsalError } from '../../errors';
import type { RunningServices } from '../../running-services';
import type { World } from '../../world';
import { serviceOf } from './observations';
import type { Story } from './story';

/** Longest that a service may take to become steady here; on AWS CloudFormation waits for hours. */
const PATIENCE_MS = 15 * 60_000;

/** How often a story looks whether what it waits for has happened. */
export const LOOK_MS = 50;

/** Waits until something is so, or until every execution has ended. */
export async function awaitUntil(story: Story, isSo: () => boolean): Promise<void> {
  const isRunning = () => story.executions().some(({ finishedAt }) => finishedAt === undefined);
  while (!isSo() && isRunning()) await story.world.clock.delay(LOOK_MS);
}

/** Waits until a deployment has failed and the service is steady again, or all has ended. */
export function awaitRollback(story: Story): Promise<void> {
  return awaitUntil(story, () => {
    const { deployments } = serviceOf(story.running);
    const hasFailed = story.deployments().some(({ rolloutState }) => rolloutState === 'FAILED');
    return hasFailed && deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED';
  });
}

/**
 * Waits until a build or a container writes a line that contains the text, or all has ended. Lines
 * count from now on, whatever `begin` does.
 */
export async function awaitLog(
  story: Story,
  text: string,
  begin: () => Promise<void>,
): Promise<void> {
  let isWritten = false;
  const stop = story.world.events.subscribe((event) => {
    isWritten ||= event.kind === 'log' && event.message.includes(text);
  });
  await begin();
  await awaitUntil(story, () => isWritten);
  stop();
}

/** Skips to the time limit that executions wait for, once nothing more will happen before it. */
export async function endAtLimit(story: Story): Promise<void> {
  story.world.limits.skip();
  await story.awaitExecutions();
}

/** Waits until the newest deployment of the service has ended, well or not. */
export async function deploymentEnd(
  services: RunningServices,
  clock: Clock,
): Promise<ServiceDescription> {
  const { clusterArn, serviceName } = serviceOf(services);
  const patience = new AbortController();
  const waited = new AbortController();
  void clock.delay(PATIENCE_MS, waited.signal).then(() => patience.abort());
  try {
    return await services.ecs.waitForDeployment(clusterArn, serviceName, patience.signal);
  } finally {
    waited.abort();
  }
}

/** Waits for something, and for no time limit on the way to it. */
export async function skippingLimits<T>({ limits, clock }: World, awaited: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => (isOver = true);
  void awaited.then(over, over);
  while (!isOver) {
    limits.skip();
    await clock.delay(LOOK_MS);
  }
  return awaited;
}

/** @throws RehearsalError `ServiceNotSteady` unless the newest deployment is COMPLETED */
export function requireCompleted({ deployments, events, serviceName }: ServiceDescription): void {
  const [deployment] = deployments;
  if (deployment?.rolloutState === 'COMPLETED') return;
  throw new RehearsalError(
    'ServiceNotSteady',
    `the newest deployment of service '${serviceName}' is ${deployment?.rolloutState ?? 'gone'}: ${deployment?.rolloutStateReason ?? ''}\n${events
      .slice(0, 5)
      .map(({ message }) => message)
      .join('\n')}`,
    { exitCode: 1 },
  );
}
