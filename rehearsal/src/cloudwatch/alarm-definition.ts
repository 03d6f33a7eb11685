import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import {
  cfnBoolean,
  cfnNumber,
  cfnString,
  readProperties,
} from '../cloudformation/read-properties';
import type { NotifyingAlarm } from './alarm-actions';
import type { EvaluationSettings } from './alarm-evaluation';
import { type AlarmMath, alarmMath } from './alarm-math';
import { MathProblem } from './math-tokens';
import { isKnownStatistic, type Metric } from './metric-store';

/** Properties of `AWS::CloudWatch::Alarm` that the engine acts on, or that cannot change its outcome. */
export const playedAlarmProperties: readonly string[] = [
  'ActionsEnabled',
  'AlarmActions',
  'AlarmDescription',
  'AlarmName',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluationPeriods',
  'ExtendedStatistic',
  'InsufficientDataActions',
  'MetricName',
  'Metrics.Expression',
  'Metrics.Id',
  'Metrics.Label',
  'Metrics.MetricStat',
  'Metrics.Period',
  'Metrics.ReturnData',
  'Namespace',
  'OKActions',
  'Period',
  'Statistic',
  'Threshold',
  'TreatMissingData',
];

const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;

export type ComparisonOperator = keyof typeof COMPARISONS;

/** A metric and how its values become one for each period. */
export interface MetricQuery {
  readonly id: string;
  readonly metric: Metric;
  /** e.g. `Sum`, `p99` */
  readonly statistic: string;
}

export interface AlarmDefinition extends NotifyingAlarm, EvaluationSettings {
  readonly queries: readonly MetricQuery[];
  /** Undefined for an alarm on one metric */
  readonly math: AlarmMath | undefined;
  readonly periodSeconds: number;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: number;
  /** Why the engine does not evaluate it; undefined when it does */
  readonly unplayed: string | undefined;
}

const metricShape = {
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: cfnString })).default([]),
};

const schema = z
  .object({
    AlarmDescription: z.string().optional(),
    ActionsEnabled: cfnBoolean.default(true),
    AlarmActions: z.array(z.string()).default([]),
    OKActions: z.array(z.string()).default([]),
    InsufficientDataActions: z.array(z.string()).default([]),
    Namespace: z.string().optional(),
    MetricName: z.string().optional(),
    Dimensions: metricShape.Dimensions,
    Statistic: z.string().optional(),
    ExtendedStatistic: z.string().optional(),
    Period: cfnNumber.optional(),
    Metrics: z
      .array(
        z.object({
          Id: z.string(),
          Expression: z.string().optional(),
          Period: cfnNumber.optional(),
          ReturnData: cfnBoolean.optional(),
          MetricStat: z
            .object({ Metric: z.object(metricShape), Stat: z.string(), Period: cfnNumber })
            .optional(),
        }),
      )
      .default([]),
    ComparisonOperator: z.string(),
    Threshold: cfnNumber.optional(),
    EvaluationPeriods: cfnNumber,
    DatapointsToAlarm: cfnNumber.optional(),
    TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).default('missing'),
  })
  .refine(({ Metrics, MetricName }) => Metrics.length > 0 || MetricName !== undefined, {
    message: 'expected Metrics, or Namespace and MetricName',
  });

type AlarmProperties = z.output<typeof schema>;

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
 *
 * @throws RehearsalError `PropertyInvalid`; what is valid but not played is named in `unplayed`
 */
export function readAlarm(resource: DeployedResource): AlarmDefinition {
  const properties = readProperties(resource, schema);
  const { EvaluationPeriods, DatapointsToAlarm, ComparisonOperator, Threshold } = properties;
  const queries = readQueries(properties);
  const { math, problem } = readMath(properties);
  return {
    name: resource.name ?? resource.physicalId,
    arn: resource.attributes['Arn'] ?? '',
    description: properties.AlarmDescription,
    logicalId: resource.logicalId,
    stack: resource.stack,
    account: resource.account,
    region: resource.region,
    queries,
    math,
    periodSeconds: periodOf(properties),
    comparisonOperator: isComparison(ComparisonOperator)
      ? ComparisonOperator
      : 'GreaterThanOrEqualToThreshold',
    threshold: Threshold ?? 0,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
    treatMissingData: properties.TreatMissingData,
    actionsEnabled: properties.ActionsEnabled,
    actions: {
      OK: properties.OKActions,
      ALARM: properties.AlarmActions,
      INSUFFICIENT_DATA: properties.InsufficientDataActions,
    },
    unplayed: problem ?? unplayedPart(properties, queries),
  };
}

export function isBreaching(definition: AlarmDefinition, value: number): boolean {
  return COMPARISONS[definition.comparisonOperator](value, definition.threshold);
}

function readQueries(properties: AlarmProperties): MetricQuery[] {
  const { Namespace = '', MetricName, Dimensions, Statistic, ExtendedStatistic } = properties;
  if (MetricName !== undefined) {
    const metric = metricOf({ Namespace, MetricName, Dimensions });
    return [{ id: 'm1', metric, statistic: Statistic ?? ExtendedStatistic ?? 'Average' }];
  }
  const watched = properties.Metrics.find(({ ReturnData }) => ReturnData !== false);
  // An alarm on a metric needs no other; one on an expression may use them all.
  const used = watched?.MetricStat === undefined ? properties.Metrics : [watched];
  return used.flatMap(({ Id, MetricStat }) =>
    MetricStat === undefined
      ? []
      : [{ id: Id, metric: metricOf(MetricStat.Metric), statistic: MetricStat.Stat }],
  );
}

function metricOf(metric: z.output<z.ZodObject<typeof metricShape>>): Metric {
  return {
    namespace: metric.Namespace,
    name: metric.MetricName,
    dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}

function readMath({ Metrics }: AlarmProperties): {
  math: AlarmMath | undefined;
  problem: string | undefined;
} {
  const [result, another] = Metrics.filter(({ ReturnData }) => ReturnData !== false);
  if (result === undefined) return { math: undefined, problem: undefined };
  if (another !== undefined) {
    return { math: undefined, problem: 'more than one query returns data' };
  }
  const queries = Metrics.map(({ Id, Expression }) => ({ id: Id, expression: Expression }));
  try {
    return { math: alarmMath(queries, result.Id), problem: undefined };
  } catch (error) {
    if (!(error instanceof MathProblem)) throw error;
    return { math: undefined, problem: `metric math is not played for ${error.message}` };
  }
}

function unplayedPart(
  { ComparisonOperator, Threshold }: AlarmProperties,
  queries: readonly MetricQuery[],
): string | undefined {
  const statistic = queries.find((query) => !isKnownStatistic(query.statistic))?.statistic;
  if (statistic !== undefined) return `the statistic ${statistic} is not played`;
  if (!isComparison(ComparisonOperator))
    return `the comparison ${ComparisonOperator} is not played`;
  return Threshold === undefined ? 'a threshold that is a metric is not played' : undefined;
}

function periodOf({ Period, Metrics }: AlarmProperties): number {
  const periods = Metrics.map((query) => query.MetricStat?.Period ?? query.Period);
  return Period ?? periods.find((period) => period !== undefined) ?? 300;
}

function isComparison(text: string): text is ComparisonOperator {
  return Object.hasOwn(COMPARISONS, text);
}
