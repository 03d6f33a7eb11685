import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, cfnString, readProperties } from '../cloudformation/read-properties';
import { type FilterPattern, parseFilterPattern } from './filter-pattern';

/** Properties of `AWS::Logs::MetricFilter` that the engine acts on, or that cannot change its outcome. */
export const playedMetricFilterProperties: readonly string[] = [
  'FilterName',
  'FilterPattern',
  'LogGroupName',
  'MetricTransformations',
];

/** What a filter publishes for each log event. */
export interface MetricTransformation {
  readonly namespace: string;
  readonly metricName: string;
  /** A number, or a selector such as `$.latency` */
  readonly value: string;
  /** For events that do not match; undefined where they publish nothing */
  readonly defaultValue: number | undefined;
  /** Selectors by the dimension's name */
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricFilterDefinition {
  readonly logicalId: string;
  readonly stack: string;
  readonly logGroupName: string;
  readonly pattern: FilterPattern;
  readonly transformations: readonly MetricTransformation[];
}

const METRIC_VALUE = /^(\$.+|[+-]?\d+(\.\d+)?)$/;

const schema = z.object({
  FilterPattern: z.string(),
  LogGroupName: z.string(),
  MetricTransformations: z
    .array(
      z
        .object({
          MetricNamespace: z
            .string()
            .regex(/^(?!AWS\/)/, 'expected a namespace that does not begin with AWS/'),
          MetricName: z.string(),
          MetricValue: cfnString.refine((text) => METRIC_VALUE.test(text), {
            message: 'expected a number, or a selector such as $.latency',
          }),
          DefaultValue: cfnNumber.optional(),
          Dimensions: z
            .array(z.object({ Key: z.string(), Value: z.string() }))
            .max(3)
            .default([]),
        })
        .refine(
          ({ DefaultValue, Dimensions }) => DefaultValue === undefined || Dimensions.length === 0,
          {
            message: 'expected no DefaultValue, as the metric has Dimensions',
          },
        ),
    )
    .length(1),
});

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html
 *
 * @throws RehearsalError `PropertyInvalid` or `FilterPatternInvalid`
 */
export function readMetricFilter(resource: DeployedResource): MetricFilterDefinition {
  const { logicalId, stack } = resource;
  const { FilterPattern, LogGroupName, MetricTransformations } = readProperties(resource, schema);
  return {
    logicalId,
    stack,
    logGroupName: LogGroupName,
    pattern: parseFilterPattern(
      FilterPattern,
      `AWS::Logs::MetricFilter '${logicalId}' in stack '${stack}'`,
    ),
    transformations: MetricTransformations.map((transformation) => ({
      namespace: transformation.MetricNamespace,
      metricName: transformation.MetricName,
      value: transformation.MetricValue,
      defaultValue: transformation.DefaultValue,
      dimensions: Object.fromEntries(
        transformation.Dimensions.map(({ Key, Value }) => [Key, Value]),
      ),
    })),
  };
}
