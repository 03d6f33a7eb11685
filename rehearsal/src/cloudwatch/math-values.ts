import { MathProblem } from './math-tokens';

/** A value for each period, oldest first; undefined where there are no data */
export type Series = readonly (number | undefined)[];

/** S, TS and TS[] of CloudWatch's table of functions */
export type MathValue =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'series'; readonly points: Series }
  | { readonly kind: 'array'; readonly series: readonly Series[] };

export const scalar = (value: number): MathValue => ({ kind: 'scalar', value });
export const series = (points: Series): MathValue => ({
  kind: 'series',
  // A division by zero and the like drops the point.
  points: points.map((point) => (Number.isFinite(point) ? point : undefined)),
});
export const array = (all: readonly Series[]): MathValue => ({ kind: 'array', series: all });

/** The same for each series, or each number, of a value. */
export function mapped(value: MathValue, change: (points: Series) => Series): MathValue {
  if (value.kind === 'series') return series(change(value.points));
  if (value.kind === 'array') {
    return array(value.series.map((one) => pointsOf(series(change(one)))));
  }
  return scalar(change([value.value])[0] ?? NaN);
}

/**
 * An operator between two values. At a time when one of two series has no data it counts as 0; when
 * none has, there is no result.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function combined(
  left: MathValue,
  right: MathValue,
  operator: (a: number, b: number) => number,
): MathValue {
  if (left.kind === 'scalar' && right.kind === 'scalar') {
    return scalar(operator(left.value, right.value));
  }
  if (left.kind === 'array' && right.kind === 'array') {
    throw new MathProblem('an operator between two arrays');
  }
  if (left.kind === 'array') {
    return array(left.series.map((one) => pointsOf(combined(series(one), right, operator))));
  }
  if (right.kind === 'array') {
    return array(right.series.map((one) => pointsOf(combined(left, series(one), operator))));
  }
  const length = left.kind === 'series' ? left.points.length : lengthOf(right);
  return series(
    Array.from({ length }, (_, at) => {
      const [a, b] = [seriesAt(left, at), seriesAt(right, at)];
      const known = left.kind === 'scalar' ? b : right.kind === 'scalar' ? a : (a ?? b);
      return known === undefined ? undefined : operator(a ?? 0, b ?? 0);
    }),
  );
}

/** The value at a time; a scalar is the same at all times. */
export function seriesAt(value: MathValue, at: number): number | undefined {
  if (value.kind === 'array') throw new MathProblem('an array where one time series is expected');
  return value.kind === 'scalar' ? value.value : value.points[at];
}

/** @throws MathProblem for a value that is no single time series */
export function pointsOf(value: MathValue): Series {
  if (value.kind === 'series') return value.points;
  throw new MathProblem(
    value.kind === 'scalar'
      ? 'a result that is one number, where a time series is expected'
      : 'a result that is an array of time series',
  );
}

export function arrayOf(value: MathValue): readonly Series[] {
  if (value.kind === 'scalar') throw new MathProblem('a number where time series are expected');
  return value.kind === 'array' ? value.series : [value.points];
}

export function numberOf(value: MathValue): number {
  if (value.kind !== 'scalar') throw new MathProblem('a time series where a number is expected');
  return value.value;
}

function lengthOf(value: MathValue): number {
  return value.kind === 'series' ? value.points.length : 0;
}
