import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import type { Log } from './log';
import type { Refusal } from './malformation';

const MALFORMED: Refusal = {
  status: 400,
  error: 'bad_request',
  message: 'the request is not valid HTTP/1.1',
};

/** By the codes of Node and of its parser: https://nodejs.org/api/http.html#event-clienterror */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    error: 'headers_too_large',
    message: 'the request line and headers are too large',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    error: 'body_too_large',
    message: 'the chunk extensions of the request body are too large',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    error: 'request_timeout',
    message: 'the request was not complete in time',
  },
};

/** What a client is told whose bytes were no request. */
export function toRefusal(code: string | undefined): Refusal {
  return REFUSALS[code ?? ''] ?? MALFORMED;
}

/** A whole answer in bytes, for where no request has come about that could be answered. */
export function refusalText({ status, ...body }: Refusal): string {
  const text = JSON.stringify(body);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    text,
  ].join('\r\n');
}

/**
 * Answers in JSON what Node would answer without a body, and closes the connection.
 *
 * A connection that has not sent a byte is left alone for `idleMs`: it is not slow but waiting, and
 * a load balancer that had opened it in advance would otherwise find it closed.
 */
export function answerClientErrors(server: Server, log: Log, idleMs: number): void {
  const answers = new WeakMap<object, ServerResponse>();
  for (const event of ['request', 'checkExpectation'] as const) {
    server.prependListener(event, ({ socket }: IncomingMessage, response: ServerResponse) => {
      answers.set(socket, response);
      response.once('close', () => answers.delete(socket));
    });
  }

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!(socket instanceof Socket)) {
      socket.destroy(error);
      return;
    }
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) {
      socket.setTimeout(idleMs, () => socket.destroy());
      return;
    }
    // An answer that has begun cannot be followed by another one: the client would misread both.
    const begun = answers.get(socket)?.headersSent === true;
    if (socket.writable && !begun && error.code !== 'ECONNRESET') {
      const refusal = toRefusal(error.code);
      log.info('refused', { status: refusal.status, code: error.code });
      socket.end(refusalText(refusal));
    }
    socket.destroySoon();
  });
}
