import type { LoadBalancerDefinition } from './load-balancer-definition';

/** Names of headers belong to one connection, not to the message. RFC 9110 §7.6.1 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  // The proxy answers it itself, and sends the body in any case.
  'expect',
]);

const REPLACED = new Set([
  'x-amzn-trace-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

export interface RequestContext {
  readonly method: string;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly listenerPort: number;
  readonly listenerProtocol: 'HTTP' | 'HTTPS';
  readonly traceHeader: string;
  /** The Host header as transforms leave it. @default as received */
  readonly rewrittenHost?: string;
  /** What the load balancer tells of the client's TLS */
  readonly tlsHeaders?: readonly (readonly [name: string, value: string])[];
  /** Protocol to switch to, e.g. `websocket` */
  readonly upgrade: string | undefined;
}

type HeaderSettings = Pick<
  LoadBalancerDefinition,
  'forwardedForMode' | 'forwardedForClientPort' | 'preserveHostHeader' | 'dropInvalidHeaderFields'
>;

/**
 * The header of a request as the target gets it, as names and values in turn.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
 */
export function requestHeaders(
  rawHeaders: readonly string[],
  context: RequestContext,
  settings: HeaderSettings,
): string[] {
  const received = pairs(rawHeaders);
  const { tlsHeaders = [] } = context;
  const replaced = new Set([...REPLACED, ...tlsHeaders.map(([name]) => name.toLowerCase())]);
  const find = (name: string) => received.find(([other]) => other.toLowerCase() === name)?.[1];
  const headers = endToEnd(received)
    .filter(([name]) => !replaced.has(name.toLowerCase()))
    .filter(([name]) => !settings.dropInvalidHeaderFields || /^[-A-Za-z0-9]+$/.test(name))
    .map(([name, value]): Header =>
      name.toLowerCase() === 'host'
        ? [name, hostHeader(context.rewrittenHost ?? value, context, settings)]
        : [name, value],
    );
  const forwardedFor = forwardedForHeader(find('x-forwarded-for'), context, settings);
  if (forwardedFor !== undefined) headers.push(['X-Forwarded-For', forwardedFor]);
  headers.push(['X-Forwarded-Proto', context.listenerProtocol.toLowerCase()]);
  headers.push(['X-Forwarded-Port', String(context.listenerPort)]);
  headers.push(['X-Amzn-Trace-Id', context.traceHeader]);
  headers.push(...tlsHeaders.map(([name, value]): Header => [name, value]));
  if (context.upgrade !== undefined) {
    headers.push(['Connection', 'Upgrade'], ['Upgrade', context.upgrade]);
  } else if (
    find('content-length') === undefined &&
    find('transfer-encoding') === undefined &&
    !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(context.method)
  ) {
    // Without it Node would announce a chunked body, which the client did not send.
    headers.push(['Content-Length', '0']);
  }
  return headers.flat();
}

/** The header of an answer as the client gets it; the framing is made anew. */
export function responseHeaders(rawHeaders: readonly string[]): string[] {
  return endToEnd(pairs(rawHeaders))
    .filter(([name]) => name.toLowerCase() !== 'transfer-encoding')
    .flat();
}

/** How many addresses an X-Forwarded-For header holds; above 30 the load balancer answers 463. */
export function forwardedForCount(header: string | undefined): number {
  return header === undefined ? 0 : header.split(',').length;
}

type Header = [name: string, value: string];

function pairs(rawHeaders: readonly string[]): Header[] {
  return rawHeaders.flatMap((name, index): Header[] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );
}

/** Drops what belongs to the connection, and what its Connection header names. */
function endToEnd(headers: readonly Header[]): Header[] {
  const named = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((name) => name.trim().toLowerCase()));
  return headers.filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && !named.includes(lower);
  });
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
function hostHeader(value: string, context: RequestContext, settings: HeaderSettings): string {
  const standard = context.listenerPort === 80 || context.listenerPort === 443;
  if (settings.preserveHostHeader || standard || /:\d+$/.test(value)) return value;
  return `${value}:${context.listenerPort}`;
}

function forwardedForHeader(
  received: string | undefined,
  context: RequestContext,
  settings: HeaderSettings,
): string | undefined {
  if (settings.forwardedForMode === 'preserve') return received;
  if (settings.forwardedForMode === 'remove') return undefined;
  const client = settings.forwardedForClientPort
    ? `${context.clientAddress}:${context.clientPort}`
    : context.clientAddress;
  return received === undefined ? client : `${received}, ${client}`;
}
