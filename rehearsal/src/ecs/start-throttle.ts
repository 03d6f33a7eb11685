/** Longest wait between two attempts to start a task (service-throttle-logic.html). */
const LONGEST_WAIT_MS = 27 * 60_000;

/** The scheduler of a live service is seen to act about every ten seconds. */
const FIRST_WAIT_MS = 10_000;

/**
 * How long no task is started after tasks failed to start this many times in a row. AWS publishes
 * that the wait grows and its ceiling, not how it grows; here it doubles.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
export function startWaitMs(consecutiveFailures: number): number {
  if (consecutiveFailures === 0) return 0;
  return Math.min(FIRST_WAIT_MS * 2 ** (consecutiveFailures - 1), LONGEST_WAIT_MS);
}

/** Failures in a row from which the service is reported as impaired; AWS does not publish its number. */
export const IMPAIRED_AFTER_FAILURES = 3;
