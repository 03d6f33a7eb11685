/**
 * How much of the service one client may use. What the load balancer lets through is larger
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html);
 * these are what this API needs, with room. Times are in config.ts.
 */

/** Bytes of the request line and all headers together; Node answers 431 above. */
export const MAX_HEADER_BYTES = 16_384;
/** Headers of one request */
export const MAX_HEADERS = 100;
/** Bytes of a body, which is kept in memory as a whole */
export const MAX_BODY_BYTES = 102_400;
/** Requests on one connection, before the client is asked to open another */
export const MAX_REQUESTS_PER_CONNECTION = 10_000;
/** Milliseconds between two looks at which requests have used up their time */
export const TIMEOUT_CHECK_INTERVAL_MS = 1_000;
