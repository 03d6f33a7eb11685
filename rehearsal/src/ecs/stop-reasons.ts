import type { ServiceDefinition } from './service-definition';
import type { ServiceTask } from './service-state';
import type { HealthVerdict, UnhealthyCause } from './task-health';

/**
 * `stoppedReason` of a task that the scheduler stops.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
 */
export function stopReason(
  because: 'scaling' | 'unhealthy',
  verdict: HealthVerdict,
  primaryDeploymentId: string,
): string {
  if (because === 'scaling' || verdict.state !== 'unhealthy') {
    return `Scaling activity initiated by (deployment ${primaryDeploymentId})`;
  }
  return verdict.cause.check === 'container'
    ? 'Task failed container health checks'
    : `Task failed ELB health checks in (target-group ${verdict.cause.targetGroupArn})`;
}

/** The line in the service's event list that says why a task is replaced. */
export function unhealthyMessage(
  { task }: ServiceTask,
  cause: UnhealthyCause,
  { loadBalancers }: ServiceDefinition,
): string {
  if (cause.check === 'container') return `(task ${task.id}) failed container health checks.`;
  const port = loadBalancers.find(
    ({ targetGroupArn }) => targetGroupArn === cause.targetGroupArn,
  )?.containerPort;
  return `(task ${task.id}) (port ${port ?? ''}) is unhealthy in (target-group ${cause.targetGroupArn}) due to (reason ${cause.description})`;
}
