import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { ListenerRequest, ListenerResponse } from './client-exchange';
import { type ListenerHeaders, modifiedHeaders } from './listener-headers';
import type { ListenerTls } from './listener-tls';
import { errorPage } from './own-response';
import { MAX_REQUEST_HEADER_BYTES } from './request-limits';

/** What a listener's server tells of. */
export interface ListenerHandlers {
  /** A connection that can carry requests: a socket of HTTP/1.1, or a session of HTTP/2 */
  opened(connection: Socket | ServerHttp2Session): void;
  request(request: ListenerRequest, response: ListenerResponse): void;
  upgrade(request: IncomingMessage, head: Buffer): void;
}

const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: MAX_REQUEST_HEADER_BYTES,
  // Node's own limits are off: the load balancer's idle timeout is the only one.
  keepAliveTimeout: 0,
  headersTimeout: 0,
  requestTimeout: 0,
};

/**
 * Requests that a client may have under way on one connection of HTTP/2.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
const MAX_CONCURRENT_STREAMS = 128;

interface ListenerServerOptions {
  readonly tls: ListenerTls | undefined;
  /** Whether clients may speak HTTP/2, where there is TLS */
  readonly http2: boolean;
  readonly headers: ListenerHeaders;
}

/** The server of a listener; it does not listen yet. */
export function listenerServer(
  { tls, http2, headers }: ListenerServerOptions,
  handlers: ListenerHandlers,
): Server | Http2SecureServer {
  const server = createListenerServer(tls, http2);
  if (tls === undefined) server.on('connection', (socket: Socket) => handlers.opened(socket));
  else {
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol !== 'h2') handlers.opened(socket);
    });
    server.on('session', (session: ServerHttp2Session) => {
      session.on('error', () => session.destroy());
      handlers.opened(session);
    });
  }
  server.on('request', (request: ListenerRequest, response: ListenerResponse) =>
    handlers.request(request, response),
  );
  server.on('upgrade', (request: IncomingMessage, _: Duplex, head: Buffer) =>
    handlers.upgrade(request, head),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // The listener has answered that request already: its header was complete.
    if (error.code === 'HPE_INVALID_TRANSFER_ENCODING') socket.end();
    else refuseMalformed(socket, headers);
  });
  return server;
}

function createListenerServer(
  tls: ListenerTls | undefined,
  speaksHttp2: boolean,
): Server | Http2SecureServer {
  if (tls === undefined) return createServer(SERVER_OPTIONS);
  const options = { ...SERVER_OPTIONS, ...tls.serverOptions };
  if (!speaksHttp2) return createTlsServer(options);
  const settings = { maxConcurrentStreams: MAX_CONCURRENT_STREAMS };
  const server = createSecureServer({ ...options, allowHTTP1: true, settings });
  // It does not take Node's limits of HTTP/1.1 from its options in every version.
  return Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
}

/** What is not HTTP gets a 400 and no second chance. */
function refuseMalformed(socket: Duplex, modifications: ListenerHeaders): void {
  if (!socket.writable) return void socket.destroy();
  const { reason, body } = errorPage(400);
  const headers = modifiedHeaders(
    [
      ...['Server', 'awselb/2.0', 'Content-Type', 'text/html'],
      ...['Content-Length', String(Buffer.byteLength(body)), 'Connection', 'close'],
    ],
    modifications,
  );
  const lines = headers.map((one, index) => (index % 2 === 0 ? `\r\n${one}: ` : one));
  socket.end(`HTTP/1.1 400 ${reason}${lines.join('')}\r\n\r\n${body}`);
}
