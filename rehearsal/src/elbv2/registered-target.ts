import type { Clock } from '../clock';
import type { RoutableTarget } from './routing';
import type { SlowStart } from './slow-start';
import { TargetConnections } from './target-connections';
import { deregistrationInProgress, type HealthCount, newlyRegistered } from './target-health';
import type { Target, TargetHealth } from './target-registrar';

/** A request in flight, as far as its target is concerned. */
export interface RequestInFlight {
  cut(): void;
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
  count: HealthCount = newlyRegistered;
  lastChosen = 0;
  /** While it gets less than its share of requests */
  slowStart: SlowStart | undefined;
  private draining = false;
  private readonly requests = new Set<RequestInFlight>();
  private onQuiet: (() => void) | undefined;

  constructor(
    readonly target: Target,
    clock: Clock,
    idleTimeoutMs: number,
  ) {
    this.name = targetName(target);
    this.address = target.address;
    this.connections = new TargetConnections(clock, idleTimeoutMs);
  }

  get health(): TargetHealth {
    return this.draining ? deregistrationInProgress : this.count.health;
  }

  /** The route or rule without which no packet of the load balancer arrives. */
  get barrier(): string | undefined {
    return this.target.unreachablePorts?.get(this.target.port);
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
    for (const request of [...this.requests]) request.cut();
    this.connections.destroy();
  }
}
