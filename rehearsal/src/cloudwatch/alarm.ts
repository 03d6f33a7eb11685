import { type AlarmDefinition, isBreaching } from './alarm-definition';
import { type AlarmState, evaluate, evaluationRange } from './alarm-evaluation';
import type { StateChange } from './alarm-message';
import { type Datapoint, INITIAL_REASON, stateReason } from './alarm-reason';
import type { AwsTime } from './aws-time';
import type { Series } from './math-values';
import type { MetricStore, Window } from './metric-store';

/** One alarm: its state, and how it came to it. */
export class Alarm {
  private state_: AlarmState = 'INSUFFICIENT_DATA';
  private reason = INITIAL_REASON;
  private changedAt: number;
  private causedAt: number;
  private readonly createdAt: number;
  private readonly changes_: StateChange[] = [];

  constructor(
    readonly definition: AlarmDefinition,
    private readonly time: AwsTime,
  ) {
    this.createdAt = time.trueTime(time.now());
    this.changedAt = this.createdAt;
    this.causedAt = this.createdAt;
  }

  get state(): AlarmState {
    return this.state_;
  }

  /** Oldest first */
  get changes(): readonly StateChange[] {
    return this.changes_;
  }

  /**
   * Looks at the periods that end now.
   *
   * @returns the change, or undefined when the state stays
   */
  evaluate(metrics: MetricStore): StateChange | undefined {
    const { definition, state_: from } = this;
    if (definition.unplayed !== undefined) return undefined;
    const points = this.datapoints(metrics);
    const breaching = points.map(({ value }) =>
      value === undefined ? undefined : isBreaching(definition, value),
    );
    const to = evaluate(breaching, definition);
    if (to === 'keep' || to === from) return undefined;
    const time = this.time.trueTime(this.time.now());
    if (to !== 'OK') this.causedAt = causeOf(points, breaching) ?? time;
    const change: StateChange = {
      from,
      to,
      time,
      causedAt: this.causedAt,
      reason: stateReason(definition, from, to, points),
      fromReason: this.reason,
      fromTime: this.changedAt,
      configuredAt: this.createdAt,
    };
    this.state_ = to;
    this.reason = change.reason;
    this.changedAt = time;
    this.changes_.push(change);
    return change;
  }

  /** Newest last. A period is the time before now, not a piece of the clock's face. */
  private datapoints(metrics: MetricStore): Datapoint[] {
    const { definition, time } = this;
    const period = definition.periodSeconds * 1000;
    const now = time.now();
    const windows = Array.from({ length: evaluationRange(definition) }, (_, index) => {
      const to = now - index * period;
      return { from: to - period, to };
    }).reverse();
    const values = this.values(metrics, windows);
    return windows.map((window, index) => ({
      start: time.trueTime(window.from),
      value: values[index],
      sampledAt: this.sampledAt(metrics, window),
    }));
  }

  private sampledAt(metrics: MetricStore, window: Window): number | undefined {
    const times = this.definition.queries
      .map(({ metric }) => metrics.newest(metric, window))
      .filter((time) => time !== undefined);
    return times.length === 0 ? undefined : this.time.trueTime(Math.max(...times));
  }

  private values(metrics: MetricStore, windows: readonly Window[]): Series {
    const { queries, math, periodSeconds } = this.definition;
    const series = new Map(
      queries.map(({ id, metric, statistic }) => [
        id,
        windows.map((window) => metrics.statistic(metric, statistic, window)),
      ]),
    );
    if (math === undefined) return [...series.values()][0] ?? [];
    const starts = windows.map(({ from }) => this.time.trueTime(from));
    return math.evaluate(series, { starts, seconds: periodSeconds });
  }
}

/** When the newest sample came of those that breach; undefined when it is their lack that does. */
function causeOf(
  points: readonly Datapoint[],
  breaching: readonly (boolean | undefined)[],
): number | undefined {
  return points.findLast(({ sampledAt }, at) => breaching[at] === true && sampledAt !== undefined)
    ?.sampledAt;
}
