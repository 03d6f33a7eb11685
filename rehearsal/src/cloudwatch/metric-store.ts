import { RehearsalError } from '../errors';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Metric.html */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values of a metric in [from, to), in milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

interface Sample {
  readonly time: number;
  readonly value: number;
}

/** Longest that a value is kept: CloudWatch lets an alarm look back a day, a rehearsal lasts less. */
const KEPT_MS = 24 * 60 * 60_000;

/** What services have published, sample by sample. */
export class MetricStore {
  private readonly samples = new Map<string, Sample[]>();

  /** @param time in the alarms' own time; never before the one given last */
  put(metric: Metric, value: number, time: number): void {
    const key = keyOf(metric);
    const samples = this.samples.get(key) ?? [];
    this.samples.set(key, samples);
    samples.push({ time, value });
    if ((samples[0]?.time ?? time) < time - KEPT_MS) samples.shift();
  }

  /** When the newest sample before `to` came; undefined when there is none */
  newest(metric: Metric, { from, to }: Window): number | undefined {
    const sample = this.samples.get(keyOf(metric))?.findLast(({ time }) => time < to);
    return sample !== undefined && sample.time >= from ? sample.time : undefined;
  }

  /** @returns undefined when there is no sample in the window */
  statistic(metric: Metric, statistic: string, { from, to }: Window): number | undefined {
    const samples = this.samples.get(keyOf(metric)) ?? [];
    const values: number[] = [];
    for (let at = samples.length - 1; at >= 0; at -= 1) {
      const { time, value } = samples[at] as Sample;
      if (time < from) break;
      if (time < to) values.push(value);
    }
    return values.length === 0 ? undefined : aggregate(values, statistic);
  }
}

const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|100)$/;

/** Whether the engine can work out a statistic. */
export function isKnownStatistic(statistic: string): boolean {
  return (
    ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'].includes(statistic) ||
    PERCENTILE.test(statistic)
  );
}

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 *
 * @param values at least one
 */
function aggregate(values: readonly number[], statistic: string): number {
  const sum = () => values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case 'Sum':
      return sum();
    case 'Average':
      return sum() / values.length;
    case 'Minimum':
      return values.reduce((least, value) => Math.min(least, value));
    case 'Maximum':
      return values.reduce((most, value) => Math.max(most, value));
    case 'SampleCount':
      return values.length;
    default:
      return percentile(values, statistic);
  }
}

function percentile(values: readonly number[], statistic: string): number {
  const [, percent] = PERCENTILE.exec(statistic) ?? [];
  if (percent === undefined) {
    throw new RehearsalError('StatisticNotPlayed', `the statistic '${statistic}' is not played.`);
  }
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((Number(percent) / 100) * sorted.length));
  return sorted[rank - 1] as number;
}

function keyOf({ namespace, name, dimensions }: Metric): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
