import type { Target, TargetHealth, TargetRegistrar } from '../../../src/elbv2/target-registrar';
import type { EventStream } from '../../../src/events';
import type { Clock } from '../../../src/clock';

export const targetGroupArn =
  'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/api/0123456789abcdef';

/** A target group without traffic: targets turn healthy after a while, or as a test wants. */
export class FakeTargets implements TargetRegistrar {
  readonly calls: string[] = [];
  /** State that a new target gets after `checkAfterMs` */
  verdict: (target: Target) => TargetHealth = () => ({ state: 'healthy' });
  checkAfterMs = 5_000;
  drainMs = 15_000;
  private readonly health = new Map<string, TargetHealth>();

  constructor(
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {}

  registerTarget(_arn: string, target: Target): void {
    this.calls.push(`register ${target.id}`);
    this.set(target, { state: 'initial', reason: 'Elb.RegistrationInProgress' });
    void this.clock.wait(this.checkAfterMs).then(() => {
      if (this.targetHealth('', target).state === 'initial') this.set(target, this.verdict(target));
    });
  }

  deregisterTarget(_arn: string, target: Pick<Target, 'id' | 'port'>): void {
    this.calls.push(`deregister ${target.id}`);
    this.set(target, { state: 'draining' });
    void this.clock.wait(this.drainMs).then(() => {
      this.calls.push(`unused ${target.id}`);
      this.set(target, { state: 'unused', reason: 'Target.NotRegistered' });
    });
  }

  targetHealth(_arn: string, { id }: Pick<Target, 'id' | 'port'>): TargetHealth {
    return this.health.get(id) ?? { state: 'unused', reason: 'Target.NotRegistered' };
  }

  set({ id, port }: Pick<Target, 'id' | 'port'>, health: TargetHealth): void {
    this.health.set(id, health);
    this.events.emit({
      kind: 'target-health',
      time: new Date(this.clock.now()).toISOString(),
      targetGroup: targetGroupArn,
      target: `${id}:${port}`,
      ...health,
    });
  }

  get healthy(): number {
    return [...this.health.values()].filter(({ state }) => state === 'healthy').length;
  }
}
