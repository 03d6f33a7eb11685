import type { Clock } from '../clock';
import { IdleTimer } from './idle-timer';

/** A client's connection: a socket, or a session of HTTP/2. */
interface Closable {
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

interface ClientConnection {
  readonly openedAt: number;
  requests: number;
  idle: IdleTimer;
}

/** Closes clients' connections that are idle between requests, and tells which have grown old. */
export class ClientConnections {
  private readonly connections = new Map<Closable, ClientConnection>();

  constructor(
    private readonly clock: Clock,
    private readonly idleTimeoutMs: number,
    private readonly keepAliveMs: number,
  ) {}

  opened(socket: Closable): void {
    const idle = this.watch(socket);
    this.connections.set(socket, { openedAt: this.clock.now(), requests: 0, idle });
    socket.once('close', () => {
      this.connections.get(socket)?.idle.stop();
      this.connections.delete(socket);
    });
  }

  /** A request has come in; its own timer watches the connection until `requestEnded`. */
  requestStarted(socket: Closable): void {
    const connection = this.connections.get(socket);
    if (connection === undefined) return;
    connection.requests += 1;
    connection.idle.stop();
  }

  requestEnded(socket: Closable): void {
    const connection = this.connections.get(socket);
    if (connection === undefined) return;
    connection.requests -= 1;
    if (connection.requests === 0) connection.idle = this.watch(socket);
  }

  /**
   * Whether the answer now being made is the connection's last: it has lived for the client
   * keep-alive duration.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
   */
  isOld(socket: Closable): boolean {
    const connection = this.connections.get(socket);
    return connection !== undefined && this.clock.now() - connection.openedAt >= this.keepAliveMs;
  }

  closeAll(): void {
    for (const socket of [...this.connections.keys()]) socket.destroy();
  }

  private watch(socket: Closable): IdleTimer {
    return new IdleTimer(this.clock, this.idleTimeoutMs, () => socket.destroy());
  }
}
