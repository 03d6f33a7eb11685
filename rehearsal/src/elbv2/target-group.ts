import { type Clock, isoTime } from '../clock';
import type { EventStream } from '../events';
import { targetOfFlow } from './flow-hash';
import { watchHealth } from './health-checker';
import { RegisteredTarget, targetName } from './registered-target';
import { nextTarget, routableTargets } from './routing';
import { SlowStart } from './slow-start';
import { isNetworkProtocol } from './protocols';
import type { TargetGroupDefinition } from './target-group-definition';
import { afterHealthCheck, newlyRegistered, notInUse, notRegistered } from './target-health';
import type { Target, TargetHealth } from './target-registrar';

interface Surroundings {
  readonly clock: Clock;
  readonly events: EventStream;
  /** Undefined when no load balancer uses the group */
  readonly loadBalancer: GroupUser | undefined;
}

/** The load balancer that uses a group. */
export interface GroupUser {
  readonly idleTimeoutSeconds: number;
  /** How many nodes it has; each checks for itself */
  readonly nodes: number;
  /** Whether it has a node in the Availability Zone of a subnet; true when that is not known */
  readonly reachesSubnet: (subnetId: string | undefined) => boolean;
  /** Undefined when no template tells it */
  readonly zoneOf: (subnetId: string | undefined) => string | undefined;
}

interface Entry {
  readonly registered: RegisteredTarget;
  /** Ends the health checks */
  readonly unwatch: AbortController;
}

/** The targets of one group: who they are, how they are, whose turn it is. */
export class TargetGroup {
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new AbortController();
  private chosen = 0;
  private openedConnections = 0;

  constructor(
    readonly definition: TargetGroupDefinition,
    private readonly surroundings: Surroundings,
  ) {}

  /** A target that is draining comes back as a new one; one that is there already stays as it is. */
  register(target: Target): void {
    const { clock, loadBalancer } = this.surroundings;
    const name = targetName(target);
    const present = this.entries.get(name);
    if (present !== undefined && present.registered.health.state !== 'draining') return;
    present?.registered.close();
    const entry: Entry = {
      registered: new RegisteredTarget(target, {
        clock,
        idleTimeoutMs: (loadBalancer?.idleTimeoutSeconds ?? 0) * 1000,
        tls: this.definition.protocol === 'HTTPS',
        nodes: loadBalancer?.nodes ?? 1,
        onConnection: () => (this.openedConnections += 1),
        isInEnabledZone: loadBalancer?.reachesSubnet(target.subnetId) ?? true,
      }),
      unwatch: new AbortController(),
    };
    this.entries.set(name, entry);
    this.report(entry, this.health(target));
    if (this.isUsed(entry)) this.watch(entry);
  }

  /** Unknown targets are ignored, as AWS does. */
  deregister(target: Pick<Target, 'id' | 'port'>): void {
    const entry = this.entries.get(targetName(target));
    if (entry === undefined || entry.registered.health.state === 'draining') return;
    entry.unwatch.abort();
    entry.registered.drain();
    if (!this.isUsed(entry)) return this.remove(entry);
    this.report(entry, entry.registered.health);
    void this.drain(entry);
  }

  health(target: Pick<Target, 'id' | 'port'>): TargetHealth {
    const entry = this.entries.get(targetName(target));
    if (entry === undefined) return notRegistered;
    return this.surroundings.loadBalancer === undefined ? notInUse : entry.registered.health;
  }

  /**
   * The target that gets the next request: the one that the client is bound to as long as it may
   * get any, else the one whose turn it is; undefined when there is none to ask.
   *
   * @param boundTo name of the target in the client's cookie
   */
  choose(boundTo?: string): RegisteredTarget | undefined {
    const routable = this.routable();
    const target = routable.find(({ name }) => name === boundTo) ?? this.nextInTurn(routable);
    if (target !== undefined) target.lastChosen = ++this.chosen;
    return target;
  }

  /** The target that a new flow of datagrams goes to; undefined when there is none to ask. */
  chooseForFlow(flow: string): RegisteredTarget | undefined {
    return targetOfFlow(flow, this.routable());
  }

  /** Whether flows of datagrams that a target has stay with it; they do while it drains. */
  keepsFlowsTo(target: RegisteredTarget): boolean {
    return target.health.state === 'draining' || this.routable().includes(target);
  }

  /** Connections to targets: those that are open, and those opened since the last look. */
  lookAtConnections(): { active: number; opened: number } {
    const opened = this.openedConnections;
    this.openedConnections = 0;
    const targets = [...this.entries.values()];
    const active = targets.reduce((sum, { registered }) => sum + registered.connections.active, 0);
    return { active, opened };
  }

  close(): void {
    this.closing.abort();
    for (const { registered, unwatch } of this.entries.values()) {
      unwatch.abort();
      registered.close();
    }
    this.entries.clear();
  }

  private routable(): readonly RegisteredTarget[] {
    const targets = [...this.entries.values()].map(({ registered }) => registered);
    return routableTargets(targets, this.definition);
  }

  /** A target in slow start lets some of its turns pass, but never when nobody else is there. */
  private nextInTurn(targets: readonly RegisteredTarget[]): RegisteredTarget | undefined {
    const next = nextTarget(targets, this.definition.algorithm);
    if (next?.slowStart === undefined || next.slowStart.takesTurn()) return next;
    next.lastChosen = ++this.chosen;
    return this.nextInTurn(targets.filter((target) => target !== next)) ?? next;
  }

  /** Only where a healthy target that is not in slow start itself carries the load. */
  private beginSlowStart(target: RegisteredTarget, signal: AbortSignal): void {
    const { slowStartSeconds } = this.definition;
    const others = [...this.entries.values()].map(({ registered }) => registered);
    const isCarrying = (other: RegisteredTarget) =>
      other !== target && other.health.state === 'healthy' && other.slowStart === undefined;
    if (slowStartSeconds === 0 || !others.some(isCarrying)) return;
    target.slowStart = SlowStart.begin(slowStartSeconds, this.surroundings.clock, signal, () => {
      target.slowStart = undefined;
    });
  }

  /** Each node of the load balancer checks for itself. */
  private watch(entry: Entry): void {
    const { registered, unwatch } = entry;
    const { healthCheck } = this.definition;
    const { clock } = this.surroundings;
    for (const node of registered.counts.keys()) {
      void watchHealth(registered.target, healthCheck, clock, unwatch.signal, (result) => {
        const before = registered.health;
        const count = registered.counts[node] ?? newlyRegistered;
        registered.counts[node] = afterHealthCheck(count, result, healthCheck);
        const isNowUnhealthy =
          registered.health.state === 'unhealthy' && !before.state.startsWith('unhealthy');
        if (isNowUnhealthy) this.drainUnhealthy(entry);
        const { health } = registered;
        if (health.state !== 'healthy') registered.slowStart = undefined;
        else if (before.state === 'initial') this.beginSlowStart(registered, unwatch.signal);
        if (isNews(before, health)) this.report(entry, health);
        if (health.state === 'unhealthy') this.cutUnhealthy(registered);
      });
    }
  }

  /** The time that connections to an unhealthy target are left, where they are not cut at once. */
  private drainUnhealthy(entry: Entry): void {
    const { protocol, terminatesUnhealthy, unhealthyDrainingSeconds } = this.definition;
    const { registered, unwatch } = entry;
    const isDrained = isNetworkProtocol(protocol) && !terminatesUnhealthy;
    if (!isDrained || unhealthyDrainingSeconds === 0) return;
    registered.keepsConnections = true;
    const { clock } = this.surroundings;
    void clock.wait(unhealthyDrainingSeconds * 1000, unwatch.signal).then(() => {
      registered.keepsConnections = false;
      if (unwatch.signal.aborted || registered.health.state !== 'unhealthy') return;
      registered.cut('unhealthy');
      this.report(entry, registered.health);
    });
  }

  /**
   * A Network Load Balancer ends the connections of a target that has become unhealthy, unless it
   * fails open.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
   */
  private cutUnhealthy(target: RegisteredTarget): void {
    const { protocol, terminatesUnhealthy } = this.definition;
    if (!isNetworkProtocol(protocol) || !terminatesUnhealthy) return;
    if (!this.routable().includes(target)) target.cut('unhealthy');
  }

  /** Whether a load balancer checks the target and sends it requests. */
  private isUsed({ registered }: Entry): boolean {
    return this.surroundings.loadBalancer !== undefined && registered.health.state !== 'unused';
  }

  /**
   * `--speed` shortens the delay that the state shows, but a request in flight is real work: while
   * there is one, the target keeps the whole delay, so that speed alone cuts nothing off.
   */
  private async drain(entry: Entry): Promise<void> {
    const { clock } = this.surroundings;
    const delayMs = this.definition.deregistrationDelaySeconds * 1000;
    const { protocol } = this.definition;
    const done = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, done.signal]);
    const wholeDelay = clock.delay(delayMs, signal);
    await clock.wait(delayMs, signal);
    // A connection that a Network Load Balancer passes on says nothing of what is in flight on it.
    if (!isNetworkProtocol(protocol)) await Promise.race([entry.registered.quiet(), wholeDelay]);
    done.abort();
    if (!this.closing.signal.aborted) this.remove(entry);
  }

  private remove(entry: Entry): void {
    const { registered } = entry;
    registered.close();
    // It may have been registered again meanwhile.
    if (this.entries.get(registered.name) !== entry) return;
    this.entries.delete(registered.name);
    this.report(entry, notRegistered);
  }

  private report({ registered }: Entry, health: TargetHealth): void {
    const { subnetId } = registered.target;
    const availabilityZone = this.surroundings.loadBalancer?.zoneOf(subnetId);
    this.surroundings.events.emit({
      kind: 'target-health',
      time: isoTime(this.surroundings.clock.now()),
      targetGroup: this.definition.arn,
      target: registered.name,
      ...(availabilityZone !== undefined && { availabilityZone }),
      ...health,
    });
  }
}

/** Within `initial` only the reason moves on, from registration to checking. */
function isNews(before: TargetHealth, after: TargetHealth): boolean {
  return (
    before.state !== after.state ||
    (after.state !== 'initial' && before.description !== after.description)
  );
}
