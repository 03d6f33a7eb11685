import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Clock } from '../clock';
import { IdleTimer } from './idle-timer';

/**
 * The pool of connections to one target. Like an Application Load Balancer, and unlike Node's own
 * agent, it pays no attention to the `Keep-Alive: timeout` that a target announces: an idle
 * connection is kept for the load balancer's idle timeout. So a target that closes its idle
 * connections sooner loses requests here as it does on AWS.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
export class TargetConnections extends Agent {
  private readonly idleTimers = new WeakMap<Duplex, IdleTimer>();
  private draining = false;

  constructor(
    private readonly clock: Clock,
    private readonly idleTimeoutMs: number,
    private readonly tls: boolean,
    private readonly onConnection: () => void = () => undefined,
  ) {
    super({ keepAlive: true });
  }

  /**
   * Called by Node for a new connection. What certificate a target shows is not looked at:
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
   */
  override createConnection(
    ...args: Parameters<Agent['createConnection']>
  ): ReturnType<Agent['createConnection']> {
    const [options] = args;
    this.onConnection();
    return this.tls
      ? connectTls({ ...(options as ConnectionOptions), rejectUnauthorized: false })
      : super.createConnection(...args);
  }

  /** How many connections there are, idle or not. */
  get active(): number {
    return [this.sockets, this.freeSockets].flatMap((pool) => Object.values(pool).flat()).length;
  }

  /** Called by Node when a request is done. @returns whether the connection is kept */
  override keepSocketAlive(socket: Duplex): boolean {
    if (this.draining) return false;
    // One listener for the life of a connection, however often it is used.
    if (!this.idleTimers.has(socket)) {
      socket.once('close', () => this.idleTimers.get(socket)?.stop());
    }
    const timer = new IdleTimer(this.clock, this.idleTimeoutMs, () => socket.destroy());
    this.idleTimers.set(socket, timer);
    return true;
  }

  /** Called by Node when an idle connection gets a request. */
  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    this.idleTimers.get(socket)?.stop();
    super.reuseSocket(socket, request);
  }

  /** Closes the idle connections, and each busy one after its request. */
  drain(): void {
    this.draining = true;
    for (const socket of Object.values(this.freeSockets).flat()) socket?.destroy();
  }
}
