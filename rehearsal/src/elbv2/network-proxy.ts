import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Clock, isoTime } from '../clock';
import {
  listenOnLoopback,
  type LoopbackAddress,
  loopbackAddress,
} from '../process/loopback-server';
import type { AccessLogRecord } from './access-log';
import { ClientSockets } from './connection-counts';
import { groupRotation } from './group-rotation';
import { IdleTimer } from './idle-timer';
import type { ListenerDefinition } from './listener-definition';
import type { ListenerTls } from './listener-tls';
import { LOST } from './lost-packets';
import { ObservedRequests } from './observed-requests';
import { proxyHeader } from './proxy-protocol';
import type { RegisteredTarget, RequestInFlight } from './registered-target';
import type { TargetGroup } from './target-group';
import { openTo } from './target-socket';
import type { WeightedRotation } from './weighted-rotation';

export interface NetworkProxyOptions {
  readonly listener: ListenerDefinition;
  /** By ARN; has every group that the action names */
  readonly targetGroups: ReadonlyMap<string, TargetGroup>;
  /** Of a TLS listener */
  readonly tls: ListenerTls | undefined;
  readonly clock: Clock;
  /** Called for each request that the rehearsal itself sent */
  readonly onRequest: (record: AccessLogRecord) => void;
}

/**
 * The TCP side of a listener of a Network Load Balancer, on 127.0.0.1: a connection goes to one target for its
 * life, and bytes are passed on as they are.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html
 */
export class NetworkProxy {
  private readonly server: Server;
  private readonly clients = new ClientSockets();
  private readonly sockets = new Set<Socket>();
  /** Names of targets by target group and client address */
  private readonly bound = new Map<string, string>();
  private readonly rotation: WeightedRotation<TargetGroup>;

  private constructor(private readonly options: NetworkProxyOptions) {
    const { tls, listener, targetGroups } = options;
    this.rotation = groupRotation(listener.defaultAction, targetGroups);
    const pass = (socket: Socket) => this.pass(socket);
    this.server =
      tls === undefined
        ? createServer({ allowHalfOpen: true }, pass)
        : createTlsServer(tls.serverOptions, pass);
    this.server.on('connection', (socket: Socket) => {
      this.clients.add(socket);
      this.keep(socket);
    });
  }

  static async start(options: NetworkProxyOptions): Promise<NetworkProxy> {
    const proxy = new NetworkProxy(options);
    await listenOnLoopback(proxy.server);
    return proxy;
  }

  /** Where the listener can be reached on this machine. */
  get address(): LoopbackAddress {
    return loopbackAddress(this.server);
  }

  /** What happened on the clients' side since the last look. */
  look(): ReturnType<ClientSockets['look']> {
    return this.clients.look();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** With stickiness by address, the target that the client had last while it may have it. */
  private targetFor(group: TargetGroup, client: string): RegisteredTarget | undefined {
    if (!group.definition.bindsSourceAddress) return group.choose();
    const key = `${group.definition.arn}|${client}`;
    const target = group.choose(this.bound.get(key));
    if (target !== undefined) this.bound.set(key, target.name);
    return target;
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.sockets.delete(socket));
  }

  private pass(client: Socket): void {
    const { clock, listener, onRequest } = this.options;
    client.on('error', () => client.destroy());
    const group = this.rotation.next();
    const target = group && this.targetFor(group, client.remoteAddress ?? '');
    // With no target to ask, the load balancer resets the connection.
    if (group === undefined || target === undefined) return reset(client);
    const server = openTo(target.barrier === undefined ? target.address : LOST, {
      header: group.definition.proxyProtocol ? headerFor(client, listener.port) : undefined,
      tls: group.definition.protocol === 'TLS',
    });
    this.keep(server);
    const flow = new Flow(client, server, group.definition.terminatesConnections);
    target.begin(flow);
    const idle = new IdleTimer(clock, listener.tcpIdleTimeoutSeconds * 1000, () => flow.reset());
    const requests = new ObservedRequests((request) =>
      onRequest({
        ...request,
        time: isoTime(request.startedAt),
        target: target.name,
        targetGroupArn: group.definition.arn,
        durationMs: clock.now() - request.startedAt,
        targetResponseMs: undefined,
      }),
    );
    client.on('data', (chunk: Buffer) => {
      idle.touch();
      requests.sent(chunk, clock.now());
    });
    server.on('data', (chunk: Buffer) => {
      idle.touch();
      requests.answered(chunk);
    });
    client.pipe(server);
    server.pipe(client);
    let closed = 0;
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => reset(other));
      one.on('close', () => {
        // What one end had sent before it closed still reaches the other.
        if (!other.destroyed && !other.writableEnded) other.end();
        closed += 1;
        if (closed < 2) return;
        idle.stop();
        target.finish(flow);
      });
    }
  }
}

/** A connection from a client to a target. */
class Flow implements RequestInFlight {
  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly endsWithDelay: boolean,
  ) {}

  /** A flow outlives its target's deregistration unless the group terminates connections. */
  cut(because: 'deregistered' | 'unhealthy'): void {
    if (because === 'unhealthy' || this.endsWithDelay) this.reset();
  }

  reset(): void {
    reset(this.client);
    reset(this.server);
  }
}

function headerFor(
  { remoteAddress = '', remotePort = 0, localAddress = '' }: Socket,
  port: number,
) {
  const client = { address: remoteAddress, port: remotePort };
  return proxyHeader(client, { address: localAddress, port });
}

/** Ends a connection with RST, so that the other end sees that it was cut. */
function reset(socket: Socket): void {
  // One that is being ended cannot be reset: Node.js would keep its handle open.
  if (socket.writableEnded) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
