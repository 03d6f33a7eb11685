import type { IncomingHttpHeaders } from 'node:http';
import { forwardedForCount } from './forwarded-headers';

/**
 * What an Application Load Balancer takes: 16 K of request line, 16 K of one header, 64 K of all.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
const MAX_LINE_BYTES = 16 * 1024;
export const MAX_REQUEST_HEADER_BYTES = 64 * 1024;
const MAX_FORWARDED_FOR = 30;

/** Codes: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html */
export interface Refusal {
  readonly status: 400 | 405 | 414 | 463 | 500 | 501;
  /** For the access log */
  readonly error: string;
}

/** Why a request gets no further than the load balancer; undefined when it does. */
export function refusalOf(request: {
  readonly method: string;
  readonly url: string;
  /** Names and values in turn */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
}): Refusal | undefined {
  const { method, url, rawHeaders, headers } = request;
  if (method === 'TRACE') return { status: 405, error: 'the method TRACE is not allowed' };
  const encoding = headers['transfer-encoding']?.toLowerCase() ?? 'identity';
  if (encoding !== 'chunked' && encoding !== 'identity')
    return { status: 501, error: `Transfer-Encoding '${encoding}' is not supported` };
  // AWS lists a long request line under 400 as well as under 414; the URL is what makes it long.
  if (`${method} ${url} HTTP/1.1`.length > MAX_LINE_BYTES)
    return { status: 414, error: 'the request line is longer than 16 K' };
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (`${name}: ${rawHeaders[index + 1] ?? ''}`.length > MAX_LINE_BYTES)
      return { status: 400, error: `the header ${name} is longer than 16 K` };
  }
  if (forwardedForCount(headers['x-forwarded-for']?.toString()) > MAX_FORWARDED_FOR)
    return {
      status: 463,
      error: `X-Forwarded-For holds more than ${MAX_FORWARDED_FOR} addresses`,
    };
  return undefined;
}
