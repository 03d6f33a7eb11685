import { MathProblem } from './math-tokens';
import {
  array,
  arrayOf,
  mapped,
  type MathValue,
  numberOf,
  pointsOf,
  scalar,
  type Series,
  series,
  seriesAt,
} from './math-values';

/** When the periods of an evaluation begin, and how long they are. */
export interface Periods {
  /** Milliseconds since the epoch, oldest first */
  readonly starts: readonly number[];
  readonly seconds: number;
}

export type MathArgument = MathValue | { readonly kind: 'word'; readonly word: string };
type MathFunction = (args: readonly MathArgument[], periods: Periods) => MathValue;

/** What becomes one number of a time series, or one time series of several. */
const AGGREGATES: Readonly<Record<string, (known: readonly number[], all: number) => number>> = {
  AVG: (known, all) => sum(known) / all,
  DATAPOINT_COUNT: (known) => known.length,
  MAX: (known) => Math.max(...known),
  MIN: (known) => Math.min(...known),
  STDDEV: (known) => Math.sqrt(sum(known.map((one) => (one - mean(known)) ** 2)) / known.length),
  SUM: (known) => sum(known),
};

const EACH: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

const CALENDAR: Readonly<Record<string, (date: Date) => number>> = {
  MINUTE: (date) => date.getUTCMinutes(),
  HOUR: (date) => date.getUTCHours(),
  // Monday is 1, Sunday 7
  DAY: (date) => date.getUTCDay() || 7,
  DATE: (date) => date.getUTCDate(),
  MONTH: (date) => date.getUTCMonth() + 1,
  YEAR: (date) => date.getUTCFullYear(),
  EPOCH: (date) => date.getTime() / 1000,
};

/**
 * Functions of metric math; METRICS and PERIOD, which ask for metrics, are the parser's.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const MATH_FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ...Object.fromEntries(
    Object.entries(EACH).map(([name, change]): [string, MathFunction] => [
      name,
      ([value]) =>
        mapped(valueOf(value), (points) =>
          points.map((point) => (point === undefined ? undefined : change(point))),
        ),
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(AGGREGATES).map((name): [string, MathFunction] => [
      name,
      ([value]) => aggregate(name, valueOf(value)),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(CALENDAR).map(([name, read]): [string, MathFunction] => [
      name,
      (_, { starts }) => series(starts.map((start) => read(new Date(start)))),
    ]),
  ),
  DIFF: ([value]) => mapped(valueOf(value), (points) => steps(points, (a, b) => b - a)),
  DIFF_TIME: ([value], { seconds }) =>
    mapped(valueOf(value), (points) => steps(points, (_a, _b, count) => count * seconds)),
  RATE: ([value], { seconds }) =>
    mapped(valueOf(value), (points) => steps(points, (a, b, count) => (b - a) / (count * seconds))),
  RUNNING_SUM: ([value]) =>
    mapped(valueOf(value), (points) =>
      points.map((_, at) => sum(points.slice(0, at + 1).filter((one) => one !== undefined))),
    ),
  FILL: ([value, filler]) => mapped(valueOf(value), (points) => filled(points, filler)),
  IF: ([condition, then, otherwise], { starts }) =>
    choose(valueOf(condition), valueOf(then), otherwise && valueOf(otherwise), starts.length),
  TIME_SERIES: ([value], { starts }) => series(starts.map(() => numberOf(valueOf(value)))),
  METRIC_COUNT: ([value]) => scalar(arrayOf(valueOf(value)).length),
  FIRST: ([value]) => series(arrayOf(valueOf(value))[0] ?? []),
  LAST: ([value]) => series(arrayOf(valueOf(value)).at(-1) ?? []),
  REMOVE_EMPTY: ([value]) =>
    array(arrayOf(valueOf(value)).filter((points) => points.some((one) => one !== undefined))),
  SLICE: ([value, from, to]) =>
    array(arrayOf(valueOf(value)).slice(numberOf(valueOf(from)), to && numberOf(valueOf(to)))),
  SORT: ([value, by, order, limit]) => {
    const name = wordOf(by);
    const sign = wordOf(order) === 'DESC' ? -1 : 1;
    const rank = (points: Series) => numberOf(aggregate(name, series(points)));
    const sorted = [...arrayOf(valueOf(value))].sort((a, b) => sign * (rank(a) - rank(b)));
    return array(sorted.slice(0, limit && numberOf(valueOf(limit))));
  },
};

/** Over time for one series; for several, at each time. */
function aggregate(name: string, value: MathValue): MathValue {
  const combine = AGGREGATES[name];
  if (combine === undefined) throw new MathProblem(`sorting by ${name}`);
  const known = (points: Series) => points.filter((one) => one !== undefined);
  if (value.kind !== 'array') {
    const points = known(pointsOf(value));
    return scalar(combine(points, points.length));
  }
  const length = Math.max(0, ...value.series.map((points) => points.length));
  return series(
    Array.from({ length }, (_, at) => {
      const points = known(value.series.map((one) => one[at]));
      // Missing values count as 0 where others are there.
      return points.length === 0 ? undefined : combine(points, value.series.length);
    }),
  );
}

/** Between each value and the one before it, `count` periods ago */
function steps(points: Series, step: (a: number, b: number, count: number) => number): Series {
  return points.map((point, at) => {
    const before = points.findLastIndex((one, index) => index < at && one !== undefined);
    if (point === undefined || before < 0) return undefined;
    return step(points[before] ?? 0, point, at - before);
  });
}

function filled(points: Series, filler: MathArgument | undefined): Series {
  if (filler?.kind !== 'word') {
    return points.map((point, at) => point ?? seriesAt(valueOf(filler), at));
  }
  const known = (at: number) => points[at] !== undefined;
  return points.map((point, at) => {
    const before = points.findLastIndex((_, index) => index < at && known(index));
    const after = points.findIndex((_, index) => index > at && known(index));
    if (point !== undefined || before < 0) return point;
    const from = points[before] ?? 0;
    if (filler.word === 'REPEAT') return from;
    if (filler.word !== 'LINEAR') throw new MathProblem(`FILL with ${filler.word}`);
    return after < 0
      ? undefined
      : from + (((points[after] ?? 0) - from) * (at - before)) / (after - before);
  });
}

/** A gap of the condition is one of the result, a gap of what is chosen when it holds is 0. */
function choose(
  condition: MathValue,
  then: MathValue,
  otherwise: MathValue | undefined,
  length: number,
): MathValue {
  if (condition.kind === 'scalar') {
    return condition.value !== 0
      ? then
      : (otherwise ?? series(Array<undefined>(length).fill(undefined)));
  }
  return series(
    pointsOf(condition).map((holds, at) => {
      if (holds === undefined) return undefined;
      if (holds !== 0) return seriesAt(then, at) ?? 0;
      return otherwise && seriesAt(otherwise, at);
    }),
  );
}

function valueOf(argument: MathArgument | undefined): MathValue {
  if (argument === undefined) throw new MathProblem('a function that lacks an argument');
  if (argument.kind === 'word') throw new MathProblem(`the word ${argument.word}`);
  return argument;
}

function wordOf(argument: MathArgument | undefined): string {
  return argument?.kind === 'word' ? argument.word : '';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
