import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, isoTime } from '../clock';
import type { AccessLogRecord } from './access-log';
import { ClientConnections } from './client-connections';
import { requestHeaders } from './forwarded-headers';
import type { ListenerAction } from './listener-action';
import type { ListenerDefinition, ListenerRuleDefinition } from './listener-definition';
import { actionFor } from './listener-rules';
import type { LoadBalancerDefinition } from './load-balancer-definition';
import {
  errorPage,
  redirectLocation,
  sendErrorPage,
  sendFixedResponse,
  sendRedirect,
} from './own-response';
import { ProxiedRequest, type ProxiedResult, type UpgradeRequest } from './proxied-request';
import { MAX_REQUEST_HEADER_BYTES, refusalOf } from './request-limits';
import type { SelfSignedCertificate } from './self-signed-certificate';
import { stickyCookies, targetOfCookie } from './stickiness';
import type { TargetGroup } from './target-group';
import { newTraceId, traceHeader } from './trace-id';
import { WeightedRotation } from './weighted-rotation';

export interface ReverseProxyOptions {
  readonly loadBalancer: LoadBalancerDefinition;
  readonly listener: ListenerDefinition;
  readonly rules: readonly ListenerRuleDefinition[];
  /** By ARN; has every group that the actions name */
  readonly targetGroups: ReadonlyMap<string, TargetGroup>;
  /** Of an HTTPS listener */
  readonly tls: SelfSignedCertificate | undefined;
  readonly clock: Clock;
  readonly onRequest: (record: AccessLogRecord) => void;
}

const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: MAX_REQUEST_HEADER_BYTES,
  // Node's own limits are off: the load balancer's idle timeout is the only one.
  keepAliveTimeout: 0,
  headersTimeout: 0,
  requestTimeout: 0,
};

/** More than Node's 511: while a busy machine stalls, the kernel would reset connections beyond it. */
const ACCEPT_BACKLOG = 4096;

/** One listener as an HTTP or HTTPS server on 127.0.0.1. */
export class ReverseProxy {
  private readonly server: Server;
  private readonly clients: ClientConnections;
  private readonly sockets = new Set<Socket>();
  private readonly rotations = new Map<ListenerAction, WeightedRotation<TargetGroup>>();

  private constructor(private readonly options: ReverseProxyOptions) {
    const { idleTimeoutSeconds, clientKeepAliveSeconds } = options.loadBalancer;
    this.clients = new ClientConnections(
      options.clock,
      idleTimeoutSeconds * 1000,
      clientKeepAliveSeconds * 1000,
    );
    const { tls } = options;
    this.server =
      tls === undefined
        ? createServer(SERVER_OPTIONS)
        : createTlsServer({ ...SERVER_OPTIONS, key: tls.key, cert: tls.certificate });
    // TLS has a connection below the one that requests come on; a handshake may never end.
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      this.clients.opened(socket),
    );
    this.server.on('request', (request, response) => this.serve(request, response, undefined));
    this.server.on('upgrade', (request: IncomingMessage, _, head: Buffer) =>
      this.serveUpgrade(request, { socket: request.socket, head }),
    );
    this.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      // `serve` has answered that request already: its header was complete.
      if (error.code === 'HPE_INVALID_TRANSFER_ENCODING') socket.end();
      else refuseMalformed(socket);
    });
  }

  static async start(options: ReverseProxyOptions): Promise<ReverseProxy> {
    const proxy = new ReverseProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.server.once('error', reject);
      proxy.server.listen({ host: '127.0.0.1', port: 0, backlog: ACCEPT_BACKLOG }, resolve);
    });
    return proxy;
  }

  /** Where the listener can be reached on this machine. */
  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.server.address() as AddressInfo;
    return { host: address, port };
  }

  /** PEM, of an HTTPS listener */
  get certificate(): string | undefined {
    return this.options.tls?.certificate;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.clients.closeAll();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serveUpgrade(request: IncomingMessage, upgrade: UpgradeRequest): void {
    const { socket } = upgrade;
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    this.serve(request, response, upgrade);
  }

  private serve(
    request: IncomingMessage,
    response: ServerResponse,
    upgrade: UpgradeRequest | undefined,
  ): void {
    const { clock, listener, rules } = this.options;
    const { method = '', url = '/', socket } = request;
    const startedAt = clock.now();
    const trace = traceHeader(
      request.headers['x-amzn-trace-id']?.toString(),
      newTraceId(startedAt),
    );
    const log = (result: ProxiedResult, target?: string, targetGroupArn?: string) =>
      this.options.onRequest({
        time: isoTime(startedAt),
        traceRoot: trace.root,
        method,
        path: url,
        status: result.status,
        ...(result.targetStatus !== undefined && { targetStatus: result.targetStatus }),
        ...(target !== undefined && { target }),
        loadBalancerArn: this.options.loadBalancer.arn,
        ...(targetGroupArn !== undefined && { targetGroupArn }),
        durationMs: clock.now() - startedAt,
        bytes: result.bytes,
        ...(result.error !== undefined && { error: result.error }),
      });
    const answered = (bytes: number, error?: string) =>
      log({ status: response.statusCode, targetStatus: undefined, bytes, error });

    this.clients.requestStarted(socket);
    response.on('close', () => this.clients.requestEnded(socket));
    if (this.clients.isOld(socket)) response.shouldKeepAlive = false;

    const refusal = refusalOf({
      method,
      url,
      rawHeaders: request.rawHeaders,
      headers: request.headers,
    });
    if (refusal !== undefined) {
      return answered(sendErrorPage(response, refusal.status), refusal.error);
    }
    const host = request.headers.host ?? '';
    const [path = ''] = url.split('?');
    const action = actionFor({ method, host, path }, listener, rules);
    if (action.type === 'fixed-response') return answered(sendFixedResponse(response, action));
    if (action.type === 'redirect') {
      const location = redirectLocation(action, { ...listener, host, url });
      return answered(sendRedirect(response, action, location));
    }
    const group = this.groupFor(action);
    const target = group && choose(group, request, startedAt);
    if (group === undefined || target === undefined) {
      const error = `target group '${group?.definition.name ?? ''}' has no registered target`;
      return answered(sendErrorPage(response, 503), error);
    }
    new ProxiedRequest({
      request,
      response,
      upgrade,
      target,
      headers: requestHeaders(
        request.rawHeaders,
        {
          method,
          clientAddress: socket.remoteAddress ?? '',
          clientPort: socket.remotePort ?? 0,
          listenerPort: listener.port,
          listenerProtocol: listener.protocol,
          traceHeader: trace.header,
          upgrade: upgrade === undefined ? undefined : request.headers.upgrade,
        },
        this.options.loadBalancer,
      ),
      cookies: cookiesFor(group, target.name, this.options.tls !== undefined, startedAt),
      idleTimeoutMs: this.options.loadBalancer.idleTimeoutSeconds * 1000,
      clock,
      onEnd: (result) => log(result, target.name, group.definition.arn),
    });
  }

  private groupFor(action: Extract<ListenerAction, { type: 'forward' }>): TargetGroup | undefined {
    let rotation = this.rotations.get(action);
    if (rotation === undefined) {
      rotation = new WeightedRotation(
        action.targetGroups.flatMap(({ arn, weight }) => {
          const item = this.options.targetGroups.get(arn);
          return item === undefined ? [] : [{ item, weight }];
        }),
      );
      this.rotations.set(action, rotation);
    }
    return rotation.next();
  }
}

function choose(group: TargetGroup, request: IncomingMessage, now: number) {
  const { arn, stickySeconds } = group.definition;
  if (stickySeconds === undefined) return group.choose();
  return group.choose(targetOfCookie(request.headers.cookie, arn, now));
}

function cookiesFor(
  { definition }: TargetGroup,
  target: string,
  secure: boolean,
  now: number,
): string[] {
  const { arn, stickySeconds: seconds } = definition;
  return seconds === undefined ? [] : stickyCookies(target, { arn, seconds }, secure, now);
}

/** What is not HTTP gets a 400 and no second chance. */
function refuseMalformed(socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const { reason, body } = errorPage(400);
  socket.end(
    [
      `HTTP/1.1 400 ${reason}`,
      'Server: awselb/2.0',
      'Content-Type: text/html',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
