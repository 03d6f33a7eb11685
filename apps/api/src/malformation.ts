import type { IncomingMessage } from 'node:http';
import { MAX_HEADERS } from './limits';

/** Name or address, and a port */
const AUTHORITY = String.raw`(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?`;
const HOST = new RegExp(`^${AUTHORITY}$`, 'i');
/** As a proxy is asked: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
const ABSOLUTE_TARGET = new RegExp(`^https?://${AUTHORITY}(?:[/?]|$)`, 'i');

/** Why a request is refused: the answer's status and the members of its JSON body. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly message: string;
}

type Received = Pick<
  IncomingMessage,
  'method' | 'url' | 'httpVersion' | 'headers' | 'headersDistinct' | 'rawHeaders'
>;

/**
 * What is wrong with a request that Node's parser has let through. Two servers in a row that read
 * such a request differently are what request smuggling and poisoned caches are made of.
 */
export function malformation(request: Received): Refusal | undefined {
  const { method, url = '', httpVersion, headers, headersDistinct, rawHeaders } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return bad('only HTTP/1.1 and 1.0 are spoken');

  // Node keeps one more than are allowed (http-server.ts), and drops the rest without a word.
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    return {
      status: 431,
      error: 'headers_too_large',
      message: `the request has more than ${MAX_HEADERS} headers`,
    };
  }

  const isTarget =
    url.startsWith('/') || ABSOLUTE_TARGET.test(url) || (url === '*' && method === 'OPTIONS');
  if (!isTarget || url.includes('#')) return bad('the request target must be a path');

  const hosts = headersDistinct['host'] ?? [];
  const isRequired = httpVersion === '1.1';
  if (hosts.length > 1 || (isRequired && hosts.length === 0) || !hosts.every(isHost)) {
    return bad('there must be one Host header, with a name and no more than a port');
  }

  const encoding = headers['transfer-encoding'];
  if (encoding === undefined) return undefined;
  return encoding.toLowerCase() === 'chunked' && httpVersion === '1.1'
    ? undefined
    : bad('chunked is the only transfer encoding, and one of HTTP/1.1');
}

function isHost(host: string): boolean {
  return HOST.test(host);
}

function bad(message: string): Refusal {
  return { status: 400, error: 'bad_request', message };
}
