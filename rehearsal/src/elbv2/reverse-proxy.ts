import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import { type Clock, isoTime } from '../clock';
import {
  listenOnLoopback,
  type LoopbackAddress,
  loopbackAddress,
} from '../process/loopback-server';
import type { AccessLogRecord } from './access-log';
import { ClientConnections } from './client-connections';
import {
  connectionOf,
  endConnectionAfter,
  hostOf,
  http1Headers,
  type ListenerRequest,
  type ListenerResponse,
} from './client-exchange';
import { ClientSockets } from './connection-counts';
import { classifyRequest, desyncDecision } from './desync';
import { requestHeaders } from './forwarded-headers';
import type { ListenerDefinition } from './listener-definition';
import type { ListenerRuleDefinition } from './listener-rule-definition';
import { tlsHeaders } from './listener-headers';
import { listenerServer } from './listener-server';
import type { ListenerTls } from './listener-tls';
import type { LoadBalancerDefinition } from './load-balancer-definition';
import { sendAnswer, sendErrorPage } from './own-response';
import { ProxiedRequest, type ProxiedResult, type UpgradeRequest } from './proxied-request';
import { type Refusal, refusalOf } from './request-limits';
import { routeOf } from './request-route';
import { TargetChoice } from './target-choice';
import type { TargetGroup } from './target-group';
import { newTraceId, traceHeader } from './trace-id';

export interface ReverseProxyOptions {
  readonly loadBalancer: LoadBalancerDefinition;
  readonly listener: ListenerDefinition;
  readonly rules: readonly ListenerRuleDefinition[];
  /** By ARN; has every group that the actions name */
  readonly targetGroups: ReadonlyMap<string, TargetGroup>;
  /** Availability Zones of the load balancer's nodes, as far as templates tell them */
  readonly zones: readonly (string | undefined)[];
  /** Of an HTTPS listener */
  readonly tls: ListenerTls | undefined;
  readonly clock: Clock;
  readonly onRequest: (record: AccessLogRecord) => void;
}

const blockedAsDesync: Refusal = {
  status: 400,
  error: 'routing.http.desync_mitigation_mode blocks the request',
};

/** One listener of an Application Load Balancer, on 127.0.0.1. */
export class ReverseProxy {
  private readonly server: Server | Http2SecureServer;
  private readonly clients: ClientConnections;
  private readonly sockets = new ClientSockets();
  private readonly zones = new WeakMap<object, string>();
  private connections = 0;
  private readonly targets: TargetChoice;

  private constructor(private readonly options: ReverseProxyOptions) {
    const { idleTimeoutSeconds, clientKeepAliveSeconds } = options.loadBalancer;
    this.targets = new TargetChoice(options.targetGroups);
    this.clients = new ClientConnections(
      options.clock,
      idleTimeoutSeconds * 1000,
      clientKeepAliveSeconds * 1000,
    );
    const { tls, loadBalancer, listener } = options;
    this.server = listenerServer(
      { tls, http2: loadBalancer.http2, headers: listener.headers },
      {
        opened: (connection) => {
          this.clients.opened(connection);
          this.assignZone(connection);
        },
        request: (request, response) => this.serve(request, response, undefined),
        upgrade: (request, head) => this.serveUpgrade(request, { socket: request.socket, head }),
      },
    );
    // TLS has a connection below the one that requests come on; a handshake may never end.
    this.server.on('connection', (socket: Socket) => this.sockets.add(socket));
  }

  static async start(options: ReverseProxyOptions): Promise<ReverseProxy> {
    const proxy = new ReverseProxy(options);
    await listenOnLoopback(proxy.server);
    return proxy;
  }

  /** Where the listener can be reached on this machine. */
  get address(): LoopbackAddress {
    return loopbackAddress(this.server);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.clients.closeAll();
    this.sockets.destroyAll();
    await closed;
  }

  /** What happened on the clients' side since the last look. */
  look(): ReturnType<ClientSockets['look']> {
    return this.sockets.look();
  }

  /** The name of the load balancer leads clients to its nodes in turn. */
  private assignZone(connection: object): void {
    const { zones } = this.options;
    const zone = zones[this.connections++ % Math.max(1, zones.length)];
    if (zone !== undefined) this.zones.set(connection, zone);
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
    request: ListenerRequest,
    response: ListenerResponse,
    upgrade: UpgradeRequest | undefined,
  ): void {
    const { clock, listener, loadBalancer, rules } = this.options;
    const { method = '', url = '/', socket, headers } = request;
    const rawHeaders = http1Headers(request);
    const protocol = this.options.tls === undefined ? 'HTTP' : 'HTTPS';
    const startedAt = clock.now();
    const trace = traceHeader(headers['x-amzn-trace-id']?.toString(), newTraceId(startedAt));
    const log = (result: ProxiedResult, target?: string, targetGroupArn?: string) =>
      this.options.onRequest({
        time: isoTime(startedAt),
        traceRoot: trace.root,
        method,
        path: url,
        status: result.status,
        ...(result.targetStatus !== undefined && { targetStatus: result.targetStatus }),
        ...(target !== undefined && { target }),
        loadBalancerArn: loadBalancer.arn,
        ...(targetGroupArn !== undefined && { targetGroupArn }),
        ...(availabilityZone !== undefined && { availabilityZone }),
        durationMs: clock.now() - startedAt,
        targetResponseMs: result.targetResponseMs,
        bytes: result.bytes,
        ...(result.error !== undefined && { error: result.error }),
      });
    const connection = connectionOf(request);
    const availabilityZone = this.zones.get(connection);
    const answered = (bytes: number, error?: string) => {
      const status = response.statusCode;
      log({ status, targetStatus: undefined, targetResponseMs: undefined, bytes, error });
    };
    const refuse = (status: number, error: string) =>
      answered(sendErrorPage(response, status, listener.headers), error);

    this.clients.requestStarted(connection);
    response.on('close', () => this.clients.requestEnded(connection));
    if (this.clients.isOld(connection)) endConnectionAfter(response);

    const desync =
      request.httpVersionMajor > 1
        ? 'forward'
        : desyncDecision(classifyRequest({ method, rawHeaders, headers }), loadBalancer.desyncMode);
    if (desync !== 'forward') endConnectionAfter(response);
    const refusal =
      refusalOf({ method, url, rawHeaders, headers }) ??
      (desync === 'block' ? blockedAsDesync : undefined);
    if (refusal !== undefined) return refuse(refusal.status, refusal.error);
    const host = hostOf(request);
    const clientAddress = socket.remoteAddress ?? '';
    const route = routeOf(
      { method, host, url, headers: rawHeaders, clientAddress },
      listener,
      rules,
    );
    if ('error' in route) return refuse(route.status, route.error);
    if (!('forwarded' in route)) {
      const asked = { protocol, host, port: listener.port, url } as const;
      return answered(sendAnswer(response, route.action, asked, listener.headers));
    }
    const chosen = this.targets.choose(route.action, {
      cookieHeader: headers.cookie,
      secure: protocol === 'HTTPS',
      now: startedAt,
    });
    if (typeof chosen === 'string') {
      return refuse(503, `target group '${chosen}' has no registered target`);
    }
    const { group, target, cookies } = chosen;
    new ProxiedRequest({
      request,
      response,
      upgrade,
      target,
      path: route.forwarded.url,
      headers: requestHeaders(
        rawHeaders,
        {
          method,
          clientAddress,
          clientPort: socket.remotePort ?? 0,
          listenerPort: listener.port,
          listenerProtocol: protocol,
          traceHeader: trace.header,
          tlsHeaders: loadBalancer.tlsHeaders ? tlsHeaders(socket, listener.headers) : [],
          rewrittenHost: route.forwarded.host,
          upgrade: upgrade === undefined ? undefined : headers.upgrade,
        },
        loadBalancer,
      ),
      cookies,
      listenerHeaders: listener.headers,
      endsConnection: desync === 'forward-and-close',
      idleTimeoutMs: loadBalancer.idleTimeoutSeconds * 1000,
      clock,
      onEnd: (result) => log(result, target.name, group.definition.arn),
    });
  }
}
