import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** What a client asked and gets, by HTTP/1.1 or HTTP/2. */
export type ListenerRequest = IncomingMessage | Http2ServerRequest;
export type ListenerResponse = ServerResponse | Http2ServerResponse;

/** The connection that a request came by; one of HTTP/2 carries many at a time. */
export function connectionOf(request: ListenerRequest): Socket | ServerHttp2Session {
  return 'stream' in request ? (request.stream.session as ServerHttp2Session) : request.socket;
}

/** No further request comes by this connection once the answer is over. */
export function endConnectionAfter(response: ListenerResponse): void {
  if (response instanceof ServerResponse) response.shouldKeepAlive = false;
  else response.stream.session?.close();
}

/** @param headers names and values in turn; HTTP/2 has no reason */
export function writeHead(
  response: ListenerResponse,
  status: number,
  reason: string,
  headers: readonly string[],
): void {
  if (response instanceof ServerResponse) {
    response.writeHead(status, reason, [...headers]);
    return;
  }
  const fields: Record<string, string | string[]> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    const value = headers[index + 1] ?? '';
    const before = fields[name];
    if (name === 'set-cookie') fields[name] = [before ?? [], value].flat();
    // RFC 9110 §5.3: fields of one name can be combined, and some must not be sent twice.
    else fields[name] = before === undefined ? value : `${String(before)}, ${value}`;
  }
  response.writeHead(status, fields);
}

/** Whether the client's system has taken the whole answer. */
export function isWhollySent(response: ListenerResponse): boolean {
  return response instanceof ServerResponse
    ? response.writableFinished
    : response.stream.writableFinished && !response.stream.aborted;
}

/**
 * Header names and values in turn, as HTTP/1.1 has them: an Application Load Balancer asks targets
 * by it whatever its clients speak.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
export function http1Headers(request: ListenerRequest): readonly string[] {
  const { rawHeaders } = request;
  if (!('stream' in request)) return rawHeaders;
  const { authority } = request;
  const { cookie, host } = request.headers;
  const isLengthKnown =
    request.headers['content-length'] !== undefined || request.stream.endAfterHeaders;
  return [
    ...(host === undefined && authority !== '' ? ['Host', authority] : []),
    ...rawHeaders.flatMap((name, index, all) =>
      // Pseudo-headers (RFC 9113 §8.3), and the cookie, which clients may send in pieces (§8.2.3).
      index % 2 === 1 || name.startsWith(':') || name === 'cookie'
        ? []
        : [name, all[index + 1] ?? ''],
    ),
    ...(cookie === undefined ? [] : ['cookie', cookie]),
    ...(isLengthKnown ? [] : ['Transfer-Encoding', 'chunked']),
  ];
}

/** What the client calls the server: `Host`, or `:authority` of HTTP/2. */
export function hostOf(request: ListenerRequest): string {
  const { host } = request.headers;
  return host ?? ('authority' in request ? request.authority : '');
}
