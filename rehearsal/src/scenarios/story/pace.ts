/**
 * How many requests are watched before the push and at the end, to see who answers, and how long
 * slow requests take; fewer and shorter where the service was watched in the scenarios before.
 */
export const NEW_WORLD = { observedRequests: 60, slowBodyMs: 3000 };
export const SHARED_WORLD = { observedRequests: 30, slowBodyMs: 1000 };

/** Whatever the rate is: answers take their time too. */
const LEAST_MS = 500;

/** How long it takes, in milliseconds, to see that many requests. */
export function observationMs(requests: number, requestsPerSecond: number): number {
  return Math.max(LEAST_MS, (requests * 1000) / requestsPerSecond);
}
