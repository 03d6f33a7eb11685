import type { TargetHealth } from './target-registrar';

/** What one health check showed. */
export type HealthCheckResult =
  | { readonly outcome: 'success' }
  /** The target answered with a code outside the matcher */
  | { readonly outcome: 'mismatch'; readonly status: number }
  /** `barrier`: the route or rule that is missing, when the network is why */
  | { readonly outcome: 'timeout'; readonly barrier?: string | undefined }
  /** No connection, or no HTTP */
  | { readonly outcome: 'error' };

/** A target's health and the checks in a row that led to it. */
export interface HealthCount {
  readonly health: TargetHealth;
  readonly successes: number;
  readonly failures: number;
  /** Codes of the present row of failures, each once */
  readonly codes: readonly number[];
}

export interface HealthThresholds {
  readonly initialThreshold: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** Codes: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html; texts: what DescribeTargetHealth answers. */
export const registrationInProgress: TargetHealth = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};
export const initialHealthChecking: TargetHealth = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
};
export const deregistrationInProgress: TargetHealth = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
};
export const notRegistered: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
};
export const zoneNotEnabled: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target is in an Availability Zone that is not enabled for the load balancer',
};
export const notInUse: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
};

/** A target that was just registered. */
export const newlyRegistered: HealthCount = {
  health: registrationInProgress,
  successes: 0,
  failures: 0,
  codes: [],
};

/**
 * The health after one more check. A new target needs the initial threshold, which is one success
 * behind an Application Load Balancer; an unhealthy one needs the healthy threshold. How many failures a new one is allowed is not documented: the unhealthy
 * threshold is the natural reading.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function afterHealthCheck(
  before: HealthCount,
  result: HealthCheckResult,
  thresholds: HealthThresholds,
): HealthCount {
  const { state } = before.health;
  if (result.outcome === 'success') {
    const successes = before.successes + 1;
    const { healthyThreshold, initialThreshold } = thresholds;
    const needed = state === 'unhealthy' ? healthyThreshold : initialThreshold;
    const isEnough = state === 'healthy' || successes >= needed;
    const health: TargetHealth = isEnough ? { state: 'healthy' } : before.health;
    return { health, successes, failures: 0, codes: [] };
  }
  const failures = before.failures + 1;
  const codes =
    result.outcome === 'mismatch' ? [...new Set([...before.codes, result.status])] : before.codes;
  const counts = { successes: 0, failures, codes };
  if (failures >= thresholds.unhealthyThreshold || state === 'unhealthy') {
    return { ...counts, health: unhealthy(result, codes) };
  }
  return { ...counts, health: state === 'initial' ? initialHealthChecking : before.health };
}

function unhealthy(
  result: Exclude<HealthCheckResult, { outcome: 'success' }>,
  codes: readonly number[],
): TargetHealth {
  switch (result.outcome) {
    case 'mismatch':
      return {
        state: 'unhealthy',
        reason: 'Target.ResponseCodeMismatch',
        description: `Health checks failed with these codes: [${codes.join(', ')}]`,
      };
    case 'timeout':
      return {
        state: 'unhealthy',
        reason: 'Target.Timeout',
        // AWS shows only the time-out; what follows is what one needs to mend the network.
        description: `Request timed out${result.barrier === undefined ? '' : ` (${result.barrier})`}`,
      };
    case 'error':
      return {
        state: 'unhealthy',
        reason: 'Target.FailedHealthChecks',
        description: 'Health checks failed',
      };
  }
}

/**
 * What the nodes of a load balancer, each checking for itself, find together. AWS does not say how
 * they become one state: here a target is healthy when every node finds it so.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 *
 * @param counts at least one
 */
export function healthOfAll(counts: readonly HealthCount[]): TargetHealth {
  const found = counts.map(({ health }) => health);
  const worst = (['unhealthy', 'initial', 'healthy'] as const)
    .map((state) => found.find((health) => health.state === state))
    .find((health) => health !== undefined);
  return worst ?? registrationInProgress;
}
