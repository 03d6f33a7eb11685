import { type Clock, isoTime } from '../clock';
import { RehearsalError } from '../errors';
import type { EventStream } from '../events';
import { watchHealth } from './health-checker';
import { RegisteredTarget, targetName } from './registered-target';
import { nextTarget, routableTargets } from './routing';
import type { TargetGroupDefinition } from './target-group-definition';
import { afterHealthCheck, notInUse, notRegistered } from './target-health';
import type { Target, TargetHealth } from './target-registrar';

interface Surroundings {
  readonly clock: Clock;
  readonly events: EventStream;
  /** Of the load balancer that uses the group; undefined when none does */
  readonly idleTimeoutSeconds: number | undefined;
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

  constructor(
    readonly definition: TargetGroupDefinition,
    private readonly surroundings: Surroundings,
  ) {}

  /** A target that is draining comes back as a new one; one that is there already stays as it is. */
  register(target: Target): void {
    const { healthCheck } = this.definition;
    const { clock, idleTimeoutSeconds } = this.surroundings;
    if (healthCheck.port !== 'traffic-port' && healthCheck.port !== String(target.port)) {
      throw new RehearsalError(
        'HealthCheckPortNotPlayed',
        `target group '${this.definition.name}' checks health on port ${healthCheck.port}, but targets are registered at port ${target.port}: only the traffic port is reachable in a rehearsal. Set HealthCheckPort to 'traffic-port'.`,
      );
    }
    const name = targetName(target);
    const present = this.entries.get(name);
    if (present !== undefined && present.registered.health.state !== 'draining') return;
    present?.registered.close();
    const entry: Entry = {
      registered: new RegisteredTarget(target, clock, (idleTimeoutSeconds ?? 0) * 1000),
      unwatch: new AbortController(),
    };
    this.entries.set(name, entry);
    this.report(name, this.health(target));
    if (idleTimeoutSeconds !== undefined) this.watch(entry);
  }

  /** Unknown targets are ignored, as AWS does. */
  deregister(target: Pick<Target, 'id' | 'port'>): void {
    const entry = this.entries.get(targetName(target));
    if (entry === undefined || entry.registered.health.state === 'draining') return;
    entry.unwatch.abort();
    entry.registered.drain();
    if (this.surroundings.idleTimeoutSeconds === undefined) return this.remove(entry);
    this.report(entry.registered.name, entry.registered.health);
    void this.drain(entry);
  }

  health(target: Pick<Target, 'id' | 'port'>): TargetHealth {
    const entry = this.entries.get(targetName(target));
    if (entry === undefined) return notRegistered;
    return this.surroundings.idleTimeoutSeconds === undefined ? notInUse : entry.registered.health;
  }

  /** The target whose turn it is; undefined when there is none to ask. */
  choose(): RegisteredTarget | undefined {
    const targets = [...this.entries.values()].map(({ registered }) => registered);
    const target = nextTarget(routableTargets(targets, this.definition), this.definition.algorithm);
    if (target !== undefined) target.lastChosen = ++this.chosen;
    return target;
  }

  close(): void {
    this.closing.abort();
    for (const { registered, unwatch } of this.entries.values()) {
      unwatch.abort();
      registered.close();
    }
    this.entries.clear();
  }

  private watch({ registered, unwatch }: Entry): void {
    const { healthCheck } = this.definition;
    const { clock } = this.surroundings;
    void watchHealth(registered.target, healthCheck, clock, unwatch.signal, (result) => {
      const before = registered.health;
      registered.count = afterHealthCheck(registered.count, result, healthCheck);
      const { health } = registered;
      if (before.state !== health.state || before.description !== health.description) {
        this.report(registered.name, health);
      }
    });
  }

  /**
   * `--speed` shortens the delay that the state shows, but a request in flight is real work: while
   * there is one, the target keeps the whole delay, so that speed alone cuts nothing off.
   */
  private async drain(entry: Entry): Promise<void> {
    const { clock } = this.surroundings;
    const delayMs = this.definition.deregistrationDelaySeconds * 1000;
    const done = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, done.signal]);
    const wholeDelay = clock.delay(delayMs, signal);
    await clock.wait(delayMs, signal);
    await Promise.race([entry.registered.quiet(), wholeDelay]);
    done.abort();
    if (!this.closing.signal.aborted) this.remove(entry);
  }

  private remove(entry: Entry): void {
    const { registered } = entry;
    registered.close();
    // It may have been registered again meanwhile.
    if (this.entries.get(registered.name) !== entry) return;
    this.entries.delete(registered.name);
    this.report(registered.name, notRegistered);
  }

  private report(target: string, health: TargetHealth): void {
    this.surroundings.events.emit({
      kind: 'target-health',
      time: isoTime(this.surroundings.clock.now()),
      targetGroup: this.definition.arn,
      target,
      ...health,
    });
  }
}
