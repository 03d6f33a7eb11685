import type { TargetHealth } from '../elbv2/target-registrar';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
export type HealthStatus = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

/** What is known about the health of a RUNNING task. */
export interface TaskHealthFacts {
  /** One for each target group of the service */
  readonly targets: readonly (TargetHealth & { readonly targetGroupArn: string })[];
  /** Over its essential containers; undefined when none of them has a health check */
  readonly containerHealth: HealthStatus | undefined;
  /** RUNNING for `SETTLING_SECONDS` */
  readonly settled: boolean;
  /** Inside the service's health check grace period */
  readonly inGracePeriod: boolean;
}

export type HealthVerdict =
  | { readonly state: 'healthy' }
  /** No verdict yet, or a bad one that the grace period holds back */
  | { readonly state: 'unknown' }
  | { readonly state: 'unhealthy'; readonly cause: UnhealthyCause };

export type UnhealthyCause =
  | { readonly check: 'container' }
  | { readonly check: 'target'; readonly targetGroupArn: string; readonly description: string };

/** A task that nothing checks counts as healthy this long after it reached RUNNING (API_DeploymentConfiguration). */
export const SETTLING_SECONDS = 40;

/**
 * When the scheduler counts a RUNNING task as healthy.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function healthVerdict(facts: TaskHealthFacts): HealthVerdict {
  const cause = unhealthyCause(facts);
  if (cause !== undefined) {
    return facts.inGracePeriod ? { state: 'unknown' } : { state: 'unhealthy', cause };
  }
  const checked = facts.targets.length > 0 || facts.containerHealth !== undefined;
  const healthy = checked
    ? // `unavailable` means that the target group's health checks are switched off.
      facts.targets.every(({ state }) => state === 'healthy' || state === 'unavailable') &&
      facts.containerHealth !== 'UNKNOWN'
    : facts.settled;
  return { state: healthy ? 'healthy' : 'unknown' };
}

function unhealthyCause(facts: TaskHealthFacts): UnhealthyCause | undefined {
  if (facts.containerHealth === 'UNHEALTHY') return { check: 'container' };
  // A target that the load balancer does not use is told in the words of an unhealthy one.
  const target = facts.targets.find(
    ({ state, reason }) => state.startsWith('unhealthy') || reason === 'Target.NotInUse',
  );
  return (
    target && {
      check: 'target',
      targetGroupArn: target.targetGroupArn,
      description: target.description ?? target.reason ?? 'Health checks failed',
    }
  );
}

/** A task's health over its essential containers that have a check; undefined when none has. */
export function taskHealthStatus(containers: readonly HealthStatus[]): HealthStatus | undefined {
  if (containers.length === 0) return undefined;
  if (containers.includes('UNHEALTHY')) return 'UNHEALTHY';
  return containers.includes('UNKNOWN') ? 'UNKNOWN' : 'HEALTHY';
}
