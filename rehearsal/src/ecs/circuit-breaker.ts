/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html */
export interface CircuitBreakerSettings {
  readonly enable: boolean;
  readonly rollback: boolean;
  /** true: failures count only while they follow each other; false: all of a deployment count */
  readonly resetOnHealthyTask: boolean;
  /** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html */
  readonly thresholdType: 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT' | 'COUNT';
  readonly thresholdValue: number;
}

/** What the breaker remembers of one deployment. */
export interface CircuitBreakerState {
  readonly failureCount: number;
  /** Stage 2 begins with the first task that is RUNNING */
  readonly reachedRunning: boolean;
}

export type TaskOutcome =
  /** A task is RUNNING */
  | 'running'
  /** A task is counted healthy for the first time */
  | 'healthy'
  /** A task stopped by itself before it was RUNNING: no image, no role, a crash at start */
  | 'failed-to-start'
  /** A task is replaced because its target or container health check failed */
  | 'failed-health-checks'
  /** A task was RUNNING and ended by itself before it was ever counted healthy */
  | 'exited-before-healthy';

export const untouchedBreaker: CircuitBreakerState = { failureCount: 0, reachedRunning: false };

/**
 * Failures at which a deployment is FAILED; follows the desired count of the moment.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function failureThreshold(settings: CircuitBreakerSettings, desiredCount: number): number {
  const share = Math.ceil((settings.thresholdValue * desiredCount) / 100);
  switch (settings.thresholdType) {
    case 'COUNT':
      return settings.thresholdValue;
    case 'UNBOUNDED_PERCENT':
      // With no task desired the share is 0, which no deployment could stay below.
      return Math.max(share, 1);
    case 'BOUNDED_PERCENT':
      return Math.min(Math.max(share, 3), 200);
  }
}

/**
 * The breaker after something happened to a task of the deployment.
 *
 * Stage 1 counts tasks that stop before RUNNING, stage 2 tasks that fail health checks. Whether a
 * task that runs and exits before any verdict counts is not stated by AWS. It does here: services
 * whose tasks exit after a minute are seen to be rolled back, and without it such a deployment
 * would go on for ever. A task that exits after it was healthy does not count, as AWS says.
 * https://repost.aws/knowledge-center/ecs-deployment-roll-back-failure
 */
export function afterTaskOutcome(
  state: CircuitBreakerState,
  outcome: TaskOutcome,
  settings: CircuitBreakerSettings,
): CircuitBreakerState {
  const counted = { ...state, failureCount: state.failureCount + 1 };
  switch (outcome) {
    case 'running':
      return { ...state, reachedRunning: true };
    case 'healthy':
      return settings.resetOnHealthyTask ? { ...state, failureCount: 0 } : state;
    case 'failed-to-start':
      return state.reachedRunning ? state : counted;
    case 'failed-health-checks':
    case 'exited-before-healthy':
      return counted;
  }
}

/** Whether the deployment has failed as often as it may. */
export function isTripped(
  state: CircuitBreakerState,
  settings: CircuitBreakerSettings,
  desiredCount: number,
): boolean {
  return settings.enable && state.failureCount >= failureThreshold(settings, desiredCount);
}
