import type { Clock } from '../clock';
import type { RoutableTarget } from './routing';
import type { SlowStart } from './slow-start';
import { TargetConnections } from './target-connections';
import {
  deregistrationInProgress,
  healthOfAll,
  type HealthCount,
  newlyRegistered,
  zoneNotEnabled,
} from './target-health';
import type { Target, TargetHealth } from './target-registrar';

/** A request in flight, as far as its target is concerned. */
export interface RequestInFlight {
  /** Ends it because its target was deregistered long enough ago, or has become unhealthy */
  cut(because: 'deregistered' | 'unhealthy'): void;
}

/** `10.0.1.17:3000`: what a target is called in logs and events. */
export function targetName(target: Pick<Target, 'id' | 'port'>): string {
  return `${target.id}:${target.port}`;
}

/** A target with its connections and the requests that it is working on. */
export class RegisteredTarget implements RoutableTarget {
  readonly name: string;
  readonly address: Target['address'];
  readonly connections: TargetConnections;
  /** One for each node of the load balancer */
  readonly counts: HealthCount[];
  lastChosen = 0;
  /** Whether it keeps its connections though it is unhealthy */
  keepsConnections = false;
  /** While it gets less than its share of requests */
  slowStart: SlowStart | undefined;
  private draining = false;
  private readonly requests = new Set<RequestInFlight>();
  private onQuiet: (() => void) | undefined;

  constructor(
    readonly target: Target,
    private readonly group: {
      readonly clock: Clock;
      readonly idleTimeoutMs: number;
      /** Whether it is spoken to by TLS */
      readonly tls: boolean;
      /** Called for each new connection to it */
      readonly onConnection: () => void;
      /** How many nodes of the load balancer check it */
      readonly nodes: number;
      /** Whether the load balancer has a node in its Availability Zone */
      readonly isInEnabledZone: boolean;
    },
  ) {
    const { clock, idleTimeoutMs, tls, nodes, onConnection } = group;
    this.name = targetName(target);
    this.address = target.address;
    this.counts = Array.from({ length: nodes }, () => newlyRegistered);
    this.connections = new TargetConnections(clock, idleTimeoutMs, tls, onConnection);
  }

  get health(): TargetHealth {
    if (!this.group.isInEnabledZone) return zoneNotEnabled;
    if (this.draining) return deregistrationInProgress;
    const health = healthOfAll(this.counts);
    return health.state === 'unhealthy' && this.keepsConnections
      ? { ...health, state: 'unhealthy.draining' }
      : health;
  }

  /** The route or rule without which no packet of the load balancer arrives. */
  get barrier(): string | undefined {
    return this.target.unreachablePorts?.get(this.target.port);
  }

  /** Where it takes datagrams; undefined when none arrives. */
  get datagramPlace(): { readonly host: string; readonly port: number } | undefined {
    const { address, udpPort, isUnreachableByUdp = false } = this.target;
    if (udpPort === undefined || isUnreachableByUdp) return undefined;
    return { host: address.host, port: udpPort };
  }

  get usesTls(): boolean {
    return this.group.tls;
  }

  get outstanding(): number {
    return this.requests.size;
  }

  begin(request: RequestInFlight): void {
    this.requests.add(request);
  }

  finish(request: RequestInFlight): void {
    this.requests.delete(request);
    if (this.requests.size === 0) this.onQuiet?.();
  }

  /** No new requests; idle connections close, busy ones after their request. */
  drain(): void {
    this.draining = true;
    this.connections.drain();
  }

  /** Resolves as soon as nothing is in flight. */
  quiet(): Promise<void> {
    return new Promise((resolve) => {
      if (this.requests.size === 0) resolve();
      else this.onQuiet = resolve;
    });
  }

  /** Ends what is still in flight. */
  close(): void {
    this.cut('deregistered');
    this.connections.destroy();
  }

  cut(because: 'deregistered' | 'unhealthy'): void {
    for (const request of [...this.requests]) request.cut(because);
  }
}
