import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { Metric } from '../cloudwatch/metric-store';
import type { LogEvent } from '../events';
import type { FilterPattern } from './filter-pattern';
import {
  type MetricFilterDefinition,
  type MetricTransformation,
  readMetricFilter,
} from './metric-filter-definition';

/** Publishes a value of a metric, now. */
type Publish = (metric: Metric, value: number) => void;

/** Makes metrics out of log events, as the filters on their log groups say. */
export class MetricFilters {
  private readonly filters: readonly MetricFilterDefinition[];

  /** @throws RehearsalError `PropertyInvalid` or `FilterPatternInvalid` */
  constructor(
    resources: DeployedResources,
    private readonly publish: Publish,
  ) {
    this.filters = resources.ofType('AWS::Logs::MetricFilter').map(readMetricFilter);
  }

  /**
   * An event that does not match publishes the default value, where there is one. CloudWatch Logs
   * sums up and publishes once a minute; here each value counts at once, which sums up to the same.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
   */
  record({ group, message }: Pick<LogEvent, 'group' | 'message'>): void {
    for (const { logGroupName, pattern, transformations } of this.filters) {
      if (logGroupName !== group) continue;
      const matches = pattern.matches(message);
      for (const transformation of transformations)
        this.transform(transformation, pattern, message, matches);
    }
  }

  private transform(
    transformation: MetricTransformation,
    pattern: FilterPattern,
    message: string,
    matches: boolean,
  ): void {
    const { namespace, metricName: name, defaultValue } = transformation;
    if (!matches) {
      if (defaultValue !== undefined)
        this.publish({ namespace, name, dimensions: {} }, defaultValue);
      return;
    }
    const valueOf = (text: string) =>
      text.startsWith('$') ? pattern.valueIn(message, text) : text;
    const value = valueOf(transformation.value);
    const dimensions = Object.entries(transformation.dimensions).map(
      ([key, selector]) => [key, valueOf(selector)] as const,
    );
    // An event without one of the fields has no metric to add to.
    if (value === undefined || !Number.isFinite(Number(value))) return;
    if (dimensions.some(([, field]) => !['string', 'number', 'boolean'].includes(typeof field)))
      return;
    const known = Object.fromEntries(dimensions.map(([key, field]) => [key, String(field)]));
    this.publish({ namespace, name, dimensions: known }, Number(value));
  }
}
