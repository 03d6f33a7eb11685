import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { EventStream } from '../events';
import { Alarm } from './alarm';
import { type AlarmDefinition, readAlarm } from './alarm-definition';
import type { AlarmState } from './alarm-evaluation';
import { type NotifyingAlarm, type Publish, takeActions, unplayedActions } from './alarm-actions';
import { alarmEmailText, alarmEvent, alarmMessage, type StateChange } from './alarm-message';
import type { AwsTime } from './aws-time';
import type { ChildAlarm } from './composite-alarm';
import { CompositeAlarms } from './composite-alarms';
import { silenceOf } from './metric-source';
import type { MetricStore } from './metric-store';
import type { MetricProblem } from './published-metrics';

export interface AlarmsDependencies {
  readonly clock: Clock;
  readonly time: AwsTime;
  readonly events: EventStream;
  readonly metrics: MetricStore;
  /** Publishes what is measured rather than counted; called before every evaluation */
  readonly sample: () => Promise<void> | void;
  readonly publish: Publish;
}

/** An alarm that gets no data, or that is not evaluated. */
export interface SilentAlarm {
  readonly name: string;
  readonly logicalId: string;
  readonly stack: string;
  /** A sentence without a period */
  readonly reason: string;
  /** `nobody`: on AWS it would be as silent */
  readonly publishedOnAws: MetricProblem['publishedOnAws'];
}

/** Periods of a minute and more are evaluated every minute, shorter ones every ten seconds. */
const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;

/**
 * All alarms of the deployed stacks.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export class Alarms {
  readonly silent: readonly SilentAlarm[];
  private readonly ended = new AbortController();
  private readonly waiting = new Set<() => void>();

  private constructor(
    /** Those on metrics */
    readonly alarms: readonly Alarm[],
    private readonly composites: CompositeAlarms,
    resources: DeployedResources,
    private readonly deps: AlarmsDependencies,
  ) {
    this.silent = alarms.flatMap(({ definition }) => silence(definition, resources));
    for (const { logicalId, stack, reason } of this.silent) {
      this.unproven(`alarm '${logicalId}' in stack '${stack}': ${reason}`);
    }
    const actions = this.all.flatMap(({ definition }) => unplayedActions(definition));
    for (const message of [...actions, ...composites.problems]) this.unproven(message);
  }

  /**
   * Creates every alarm and begins to evaluate. Nothing is evaluated after `close`.
   *
   * @throws RehearsalError `PropertyInvalid`
   */
  static start(resources: DeployedResources, deps: AlarmsDependencies): Alarms {
    const alarms = resources
      .ofType('AWS::CloudWatch::Alarm')
      .map((resource) => new Alarm(readAlarm(resource), deps.time));
    const composites = new CompositeAlarms(resources, alarms, deps);
    const all = new Alarms(alarms, composites, resources, deps);
    if (all.all.length > 0) void all.run();
    return all;
  }

  /** Those on metrics first */
  get all(): readonly (ChildAlarm & { readonly definition: NotifyingAlarm })[] {
    return [...this.alarms, ...this.composites.alarms];
  }

  /** @returns undefined for an alarm that no deployed stack has */
  stateOf(name: string): AlarmState | undefined {
    return this.all.find(({ definition }) => definition.name === name)?.state;
  }

  /**
   * Resolves when the alarm is in the state.
   *
   * @returns false when `signal` aborted, or the alarms were closed, before that
   */
  async waitFor(name: string, state: AlarmState, signal?: AbortSignal): Promise<boolean> {
    while (this.stateOf(name) !== state) {
      if (signal?.aborted === true || this.ended.signal.aborted) return false;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.waiting.add(wake);
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
    return true;
  }

  /** Evaluates every alarm, as it happens at the next minute. */
  evaluate(): Promise<void> {
    return this.evaluateThose(() => true);
  }

  close(): void {
    this.ended.abort();
    this.wake();
  }

  private async run(): Promise<void> {
    const { clock } = this.deps;
    const { signal } = this.ended;
    const isShort = ({ definition }: Alarm) => definition.periodSeconds < 60;
    const isFine = this.alarms.some(isShort) || this.composites.alarms.length > 0;
    const step = isFine ? TEN_SECONDS_MS : MINUTE_MS;
    for (let passed = step; ; passed += step) {
      await clock.wait(step, signal);
      if (signal.aborted) return;
      await this.evaluateThose((alarm) => passed % MINUTE_MS === 0 || isShort(alarm));
    }
  }

  private async evaluateThose(isDue: (alarm: Alarm) => boolean): Promise<void> {
    const { sample, metrics } = this.deps;
    await sample();
    if (this.ended.signal.aborted) return;
    for (const alarm of this.alarms.filter(isDue)) {
      const change = alarm.evaluate(metrics);
      if (change !== undefined) this.changed(alarm.definition, change);
    }
    if (this.composites.evaluate()) this.wake();
  }

  /** Actions run when the state changes, never because it stays. */
  private changed(definition: AlarmDefinition, change: StateChange): void {
    this.deps.events.emit(alarmEvent(definition, change));
    this.wake();
    const text = {
      message: alarmMessage(definition, change),
      emailText: alarmEmailText(definition, change),
    };
    takeActions(definition, change, text, this.deps.publish);
  }

  private wake(): void {
    for (const wake of [...this.waiting]) wake();
  }

  private unproven(message: string): void {
    const time = isoTime(this.deps.clock.now());
    this.deps.events.emit({ kind: 'unproven', time, message });
  }
}

function silence(definition: AlarmDefinition, resources: DeployedResources): SilentAlarm[] {
  const { name, logicalId, stack, queries, unplayed } = definition;
  const problem = queries
    .map(({ metric }) => silenceOf(metric, resources))
    .find((one) => one !== undefined);
  if (problem !== undefined) return [{ name, logicalId, stack, ...problem }];
  if (unplayed === undefined) return [];
  return [{ name, logicalId, stack, reason: unplayed, publishedOnAws: 'perhaps' }];
}
