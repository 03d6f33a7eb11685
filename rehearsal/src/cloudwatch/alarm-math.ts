import type { Periods } from './math-functions';
import { MathProblem } from './math-tokens';
import { type MathValue, pointsOf, type Series, series } from './math-values';
import { type MathExpression, parseMetricMath } from './metric-math';

/** The expression that an alarm watches, with the others that it uses. */
export interface AlarmMath {
  readonly id: string;
  readonly text: string;
  /** A value for each period; `metrics` by the ids of their queries, in the alarm's order */
  readonly evaluate: (metrics: ReadonlyMap<string, Series>, periods: Periods) => Series;
}

interface MathQuery {
  readonly id: string;
  /** Undefined for a metric */
  readonly expression: string | undefined;
}

/**
 * @param queries of the alarm
 * @param watched the id of the one that returns data
 * @throws MathProblem for what is not played, also for a result that is no single time series
 */
export function alarmMath(queries: readonly MathQuery[], watched: string): AlarmMath | undefined {
  const expressions = new Map<string, MathExpression>();
  for (const { id, expression } of queries) {
    if (expression !== undefined) expressions.set(id, parseMetricMath(expression));
  }
  const text = queries.find(({ id }) => id === watched)?.expression;
  if (text === undefined) return undefined;
  const evaluate: AlarmMath['evaluate'] = (metrics, periods) => {
    const open = new Set<string>();
    const valueOf = (id: string): MathValue | undefined => {
      const points = metrics.get(id);
      if (points !== undefined) return series(points);
      const expression = expressions.get(id);
      if (expression === undefined) return undefined;
      if (open.has(id)) throw new MathProblem(`an expression that uses itself, '${id}'`);
      open.add(id);
      const value = expression({ ...periods, metrics, valueOf });
      open.delete(id);
      return value;
    };
    return pointsOf(valueOf(watched) ?? series([]));
  };
  // What kind of result it gives shows with any values.
  const sample = queries.filter(({ expression }) => expression === undefined);
  evaluate(new Map(sample.map(({ id }) => [id, [1]])), { starts: [0], seconds: 60 });
  return { id: watched, text, evaluate };
}
