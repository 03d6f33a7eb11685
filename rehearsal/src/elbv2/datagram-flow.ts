import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from '../clock';
import { IdleTimer } from './idle-timer';
import type { RegisteredTarget, RequestInFlight } from './registered-target';
import type { TargetGroup } from './target-group';

/**
 * After so long without a datagram a flow is forgotten. It cannot be set.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout
 */
const IDLE_TIMEOUT_MS = 120_000;

interface FlowOptions {
  readonly group: TargetGroup;
  readonly target: RegisteredTarget;
  readonly clock: Clock;
  /** Called for each datagram that comes back from the target */
  readonly onAnswer: (message: Buffer) => void;
  /** Called once, when the load balancer forgets the flow */
  readonly onEnd: () => void;
}

/** The datagrams between one address of a client and one target, each way. */
export class DatagramFlow implements RequestInFlight {
  /** Its own, so that answers tell which flow they belong to */
  private readonly socket: Socket = createSocket('udp4');
  private readonly idle: IdleTimer;
  private hasEnded = false;

  constructor(private readonly options: FlowOptions) {
    const { target, clock, onAnswer } = options;
    this.idle = new IdleTimer(clock, IDLE_TIMEOUT_MS, () => this.end());
    // A datagram that cannot be sent is lost, as any may be.
    this.socket.on('error', () => undefined);
    this.socket.on('message', (message) => {
      this.idle.touch();
      onAnswer(message);
    });
    // Without it Node.js would take an address that other machines reach.
    this.socket.bind(0, '127.0.0.1');
    target.begin(this);
  }

  /**
   * Whether its target gets the next datagram too. One that has become unhealthy does not, whatever
   * becomes of TCP connections: https://repost.aws/questions/QUQwR1pCbWST28vXu96aQfBw
   */
  get continues(): boolean {
    const { group, target } = this.options;
    return group.keepsFlowsTo(target);
  }

  send(message: Buffer): void {
    this.idle.touch();
    const place = this.options.target.datagramPlace;
    if (place !== undefined) this.socket.send(message, place.port, place.host);
  }

  /** A flow outlives its target's deregistration only where the group does not terminate it. */
  cut(because: 'deregistered' | 'unhealthy'): void {
    const { terminatesConnections } = this.options.group.definition;
    if (because === 'unhealthy' || terminatesConnections) this.end();
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.idle.stop();
    this.socket.close();
    this.options.target.finish(this);
    this.options.onEnd();
  }
}
