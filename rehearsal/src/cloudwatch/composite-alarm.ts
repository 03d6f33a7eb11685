import { INITIAL_REASON } from './alarm-reason';
import type { AlarmState } from './alarm-evaluation';
import { longTime, type StateChange } from './alarm-message';
import type { AwsTime } from './aws-time';
import type { CompositeDefinition } from './composite-definition';

/** An alarm as composite ones see it. */
export interface ChildAlarm {
  readonly definition: { readonly name: string; readonly arn: string };
  readonly state: AlarmState;
  /** Oldest first */
  readonly changes: readonly StateChange[];
}

/** Why the actions of a composite alarm wait. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_CompositeAlarm.html */
export type SuppressedBy = 'Alarm' | 'WaitPeriod' | 'ExtensionPeriod';

/** An alarm over other alarms: its state, and when it may act on it. */
export class CompositeAlarm implements ChildAlarm {
  private state_: AlarmState = 'INSUFFICIENT_DATA';
  private readonly createdAt: number;
  private readonly changes_: StateChange[] = [];
  /** The change that nobody was told of yet, with the alarm's time of it */
  private pending: { readonly change: StateChange; readonly at: number } | undefined;
  private actedOn: AlarmState = 'INSUFFICIENT_DATA';
  /** When the suppressor was last seen in ALARM; the alarms' time */
  private suppressedAt = -Infinity;

  constructor(
    readonly definition: CompositeDefinition,
    private readonly time: AwsTime,
  ) {
    this.createdAt = time.trueTime(time.now());
  }

  get state(): AlarmState {
    return this.state_;
  }

  get changes(): readonly StateChange[] {
    return this.changes_;
  }

  /**
   * Only new ones have INSUFFICIENT_DATA, whatever the alarms have that they watch.
   *
   * @returns the change, or undefined when the state stays
   */
  evaluate(find: (nameOrArn: string) => ChildAlarm | undefined): StateChange | undefined {
    const { definition, state_: from } = this;
    const { rule, arn } = definition;
    const to = rule.holds((child) => find(child)?.state) ? 'ALARM' : 'OK';
    if (to === from) return undefined;
    const before = this.changes_.at(-1);
    const newest = newestChange(rule.children.map(find));
    const change: StateChange = {
      from,
      to,
      time: this.time.trueTime(this.time.now()),
      causedAt: newest?.change.causedAt ?? this.createdAt,
      reason:
        before === undefined || newest === undefined
          ? `${arn} was created and its alarm rule evaluates to ${to}`
          : `${newest.arn} transitioned to ${newest.change.to} at ${longTime(newest.change.time)}`,
      fromReason: before?.reason ?? INITIAL_REASON,
      fromTime: before?.time ?? this.createdAt,
      configuredAt: this.createdAt,
    };
    this.state_ = to;
    this.changes_.push(change);
    this.pending = { change, at: this.time.now() };
    return change;
  }

  /** @returns why actions wait now; undefined when they do not */
  suppressedBy(find: (nameOrArn: string) => ChildAlarm | undefined): SuppressedBy | undefined {
    const { suppressor } = this.definition;
    if (suppressor === undefined) return undefined;
    const now = this.time.now();
    if (find(suppressor.alarm)?.state === 'ALARM') {
      this.suppressedAt = now;
      return 'Alarm';
    }
    if (now < this.suppressedAt + suppressor.extensionSeconds * 1000) return 'ExtensionPeriod';
    const { pending } = this;
    // Who was suppressed has waited enough; that it is fine again needs no waiting.
    if (pending?.change.to !== 'ALARM' || this.suppressedAt >= pending.at) return undefined;
    return now < pending.at + suppressor.waitSeconds * 1000 ? 'WaitPeriod' : undefined;
  }

  /**
   * The change to act on now: the newest one, once nothing holds it back, unless the alarm has come
   * back to the state that people know of.
   */
  due(find: (nameOrArn: string) => ChildAlarm | undefined): StateChange | undefined {
    if (this.suppressedBy(find) !== undefined) return undefined;
    const change = this.pending?.change;
    this.pending = undefined;
    if (change === undefined || change.to === this.actedOn) return undefined;
    this.actedOn = change.to;
    return change;
  }
}

function newestChange(children: readonly (ChildAlarm | undefined)[]) {
  return children
    .flatMap((child) => {
      const change = child?.changes.at(-1);
      return child === undefined || change === undefined
        ? []
        : [{ arn: child.definition.arn, change }];
    })
    .sort((a, b) => a.change.time - b.change.time)
    .at(-1);
}
