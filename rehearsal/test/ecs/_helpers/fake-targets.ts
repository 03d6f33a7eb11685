import type { Target, TargetHealth, TargetRegistrar } from '../../../src/elbv2/target-registrar';
import type { EventStream } from '../../../src/events';
import type { Clock } from '../../../src/clock';

export const targetGroupArn =
  'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/api/0123456789abcdef';

/** A target group without traffic: targets turn healthy after a while, or as a test wants. */
export class FakeTargets implements TargetRegistrar {
  readonly calls: string[] = [];
  /** State that a new target gets after `checkAfterMs` */
  verdict: (target: Target, arn: string) => TargetHealth = () => ({ state: 'healthy' });
  checkAfterMs = 5_000;
  drainMs = 15_000;
  private readonly health = new Map<string, TargetHealth>();

  constructor(
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {}

  registerTarget(arn: string, target: Target): void {
    this.calls.push(`register ${target.id}`);
    this.set(target, { state: 'initial', reason: 'Elb.RegistrationInProgress' }, arn);
    void this.clock.wait(this.checkAfterMs).then(() => {
      if (this.targetHealth(arn, target).state !== 'initial') return;
      this.set(target, this.verdict(target, arn), arn);
    });
  }

  deregisterTarget(arn: string, target: Pick<Target, 'id' | 'port'>): void {
    this.calls.push(`deregister ${target.id}`);
    this.set(target, { state: 'draining' }, arn);
    void this.clock.wait(this.drainMs).then(() => {
      this.calls.push(`unused ${target.id}`);
      this.set(target, { state: 'unused', reason: 'Target.NotRegistered' }, arn);
    });
  }

  targetHealth(arn: string, { id, port }: Pick<Target, 'id' | 'port'>): TargetHealth {
    return (
      this.health.get(`${arn} ${id}:${port}`) ?? { state: 'unused', reason: 'Target.NotRegistered' }
    );
  }

  set({ id, port }: Pick<Target, 'id' | 'port'>, health: TargetHealth, arn = targetGroupArn): void {
    this.health.set(`${arn} ${id}:${port}`, health);
    this.events.emit({
      kind: 'target-health',
      time: new Date(this.clock.now()).toISOString(),
      targetGroup: arn,
      target: `${id}:${port}`,
      ...health,
    });
  }

  get healthy(): number {
    return [...this.health.values()].filter(({ state }) => state === 'healthy').length;
  }
}
