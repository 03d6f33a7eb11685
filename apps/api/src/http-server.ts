import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { answerClientErrors } from './client-errors';
import type { Config } from './config';
import {
  MAX_HEADER_BYTES,
  MAX_HEADERS,
  MAX_REQUESTS_PER_CONNECTION,
  TIMEOUT_CHECK_INTERVAL_MS,
} from './limits';
import type { Log } from './log';
import { malformation, type Refusal } from './malformation';

export interface HttpServerOptions {
  readonly config: Config;
  readonly log: Log;
  readonly app: RequestListener;
}

/** A server, not yet listening, that gives each client limited time and room. */
export function createHttpServer({ config, log, app }: HttpServerOptions): Server {
  const refuse = (response: ServerResponse, { status, ...body }: Refusal) => {
    log.info('refused', { status, reason: body.message });
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(text),
      'X-Content-Type-Options': 'nosniff',
      // What follows on this connection cannot be trusted.
      Connection: 'close',
    });
    response.end(text);
  };

  const server = createServer(
    {
      keepAliveTimeout: config.keepAliveTimeoutMs,
      headersTimeout: config.headersTimeoutMs,
      requestTimeout: config.requestTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // malformation.ts looks at Host more closely.
      requireHostHeader: false,
    },
    (request, response) => {
      // Ahead of Express, which answers a target that it cannot parse by itself, in HTML.
      const refusal = malformation(request);
      if (refusal === undefined) app(request, response);
      else refuse(response, refusal);
    },
  );
  // One more than are allowed, so that the app sees that there were too many.
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) =>
    refuse(response, {
      status: 417,
      error: 'expectation_failed',
      message: 'only Expect: 100-continue is known',
    }),
  );
  answerClientErrors(server, log, config.keepAliveTimeoutMs);
  return server;
}
