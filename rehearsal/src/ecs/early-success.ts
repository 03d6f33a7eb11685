/**
 * When a rolling deployment is COMPLETED before all its tasks are healthy, or before the old ones
 * are gone.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/early-success-criteria.html
 */
export interface EarlySuccessCriteria {
  /** Of the desired count, rounded up */
  readonly healthyPercent: number;
  /** Whether the tasks of the old revision are gone before the deployment is COMPLETED, or after */
  readonly sourceServiceRevisionCleanup: 'BLOCKING' | 'DEFERRED';
}

/** Healthy tasks that a deployment needs: all of them where no criteria are set. */
export function healthyTasksNeeded(
  desiredCount: number,
  criteria: EarlySuccessCriteria | undefined,
): number {
  return Math.ceil((desiredCount * (criteria?.healthyPercent ?? 100)) / 100);
}
