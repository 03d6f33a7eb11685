import { randomUUID } from 'node:crypto';

/** Of a UUID, for which Node.js keeps random bytes in store: each request gets one. */
const randomId = () => randomUUID().replaceAll('-', '').slice(8);

/** `1-<8 hex: epoch seconds>-<24 hex>` */
export function newTraceId(now: number, id = randomId()): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${id}`;
}

/**
 * The X-Amzn-Trace-Id that the target gets: a new Root, or the client's Root behind a new Self.
 * Other fields stay.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function traceHeader(
  received: string | undefined,
  traceId: string,
): { readonly header: string; readonly root: string } {
  const fields = (received ?? '')
    .split(';')
    .map((field) => field.trim())
    .filter((field) => field !== '' && !field.startsWith('Self='));
  const root = fields.find((field) => field.startsWith('Root='))?.slice('Root='.length);
  const first = root === undefined ? `Root=${traceId}` : `Self=${traceId}`;
  return { header: [first, ...fields].join(';'), root: root ?? traceId };
}
