import { randomUUID } from 'node:crypto';
import { isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import { AwsTime } from '../cloudwatch/aws-time';
import type { AwsEvent } from '../events';
import type { UndeliveredMessage } from '../undelivered-message';
import { readRule, type RuleDefinition } from './rule-definition';
import { serviceOf, TargetCalls, type TargetCallsDependencies } from './target-calls';

export type EventBusDependencies = TargetCallsDependencies;

/** How often a rule's pattern matched, or its time came. */
export interface RuleUse {
  readonly name: string;
  readonly arn: string;
  readonly logicalId: string;
  readonly stack: string;
  readonly matched: number;
}

/** The default event bus: every event of the stream goes to the targets of the rules that match it. */
export class EventBus {
  private readonly calls: TargetCalls;
  private readonly matched = new Map<RuleDefinition, number>();
  private readonly ended = new AbortController();
  private readonly unsubscribe: () => void;
  /** Of schedules, which `--speed` makes pass faster */
  private readonly time: AwsTime;

  private constructor(
    private readonly rules: readonly RuleDefinition[],
    private readonly deps: EventBusDependencies,
  ) {
    this.calls = new TargetCalls(deps);
    this.time = new AwsTime(deps.clock);
    this.unsubscribe = deps.events.subscribe((event) => {
      if (event.kind === 'aws') this.put(event);
    });
    for (const rule of rules.filter(({ enabled }) => enabled)) void this.runOnSchedule(rule);
  }

  /**
   * Reads every rule, names what is not played, and begins to listen.
   *
   * @throws RehearsalError for a rule that EventBridge would refuse, or that is not understood
   */
  static start(resources: DeployedResources, deps: EventBusDependencies): EventBus {
    const rules = resources.ofType('AWS::Events::Rule').map(readRule);
    for (const message of rules.flatMap((rule) => unplayedParts(rule, deps.targets))) {
      deps.events.emit({ kind: 'unproven', time: isoTime(deps.clock.now()), message });
    }
    return new EventBus(rules, deps);
  }

  /** Events that neither a target nor its dead-letter queue took. */
  get undelivered(): readonly UndeliveredMessage[] {
    return this.calls.lost;
  }

  uses(): RuleUse[] {
    return this.rules.map((rule) => {
      const { name, arn, logicalId, stack } = rule;
      return { name, arn, logicalId, stack, matched: this.matched.get(rule) ?? 0 };
    });
  }

  close(): void {
    this.ended.abort();
    this.unsubscribe();
  }

  private put(event: AwsEvent): void {
    const envelope = asDelivered(event);
    for (const rule of this.rules) {
      if (!rule.enabled || !rule.onDefaultBus || rule.pattern?.(envelope) !== true) continue;
      this.invokeTargets(rule, envelope, event.cause);
    }
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
  private async runOnSchedule(rule: RuleDefinition): Promise<void> {
    const { time } = this;
    const { clock } = this.deps;
    const { signal } = this.ended;
    const created = time.now();
    for (let after = created; ;) {
      const next = rule.schedule?.next(after, created);
      if (next === undefined) return;
      // A timer may be too short for a schedule of months.
      while (time.now() < next && !signal.aborted) await clock.wait(next - time.now(), signal);
      if (signal.aborted) return;
      this.invokeTargets(rule, scheduledEvent(rule, time.trueTime(next)), undefined);
      after = next;
    }
  }

  private invokeTargets(
    rule: RuleDefinition,
    event: Readonly<Record<string, unknown>>,
    cause: string | undefined,
  ): void {
    this.matched.set(rule, (this.matched.get(rule) ?? 0) + 1);
    for (const target of rule.targets) this.calls.call(rule, target, event, cause);
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
function asDelivered(event: AwsEvent): Readonly<Record<string, unknown>> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': event['detail-type'],
    source: event.source,
    account: event.account,
    time: event.time.replace(/\.\d+Z$/, 'Z'),
    region: event.region,
    resources: event.resources,
    detail: event.detail,
  };
}

/** What the targets of a schedule get; it is not put on the bus. */
function scheduledEvent(rule: RuleDefinition, time: number): Readonly<Record<string, unknown>> {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: rule.account,
    time: isoTime(time).replace(/\.\d+Z$/, 'Z'),
    region: rule.region,
    resources: [rule.arn],
    detail: {},
  };
}

function unplayedParts(
  rule: RuleDefinition,
  targets: TargetCallsDependencies['targets'],
): string[] {
  const subject = `rule '${rule.logicalId}' in stack '${rule.stack}'`;
  return [
    ...(rule.onDefaultBus ? [] : [`${subject} is on a bus of its own, where nothing is played`]),
    ...rule.targets
      .filter((target) => !targets.has(serviceOf(target)))
      .map(({ arn }) => `${subject} has the target ${arn}, which is not played`),
  ];
}
