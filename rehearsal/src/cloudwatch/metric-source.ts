import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { readMetricFilter } from '../logs/metric-filter-definition';
import type { Metric } from './metric-store';
import { type MetricProblem, metricProblem } from './published-metrics';

/** What a dimension names: a type, and how its value stands in the deployed resource. */
const SOURCES: Readonly<
  Record<string, { type: string; valueOf: (resource: DeployedResource) => string | undefined }>
> = {
  PipelineName: { type: 'AWS::CodePipeline::Pipeline', valueOf: nameOf },
  ProjectName: { type: 'AWS::CodeBuild::Project', valueOf: nameOf },
  ClusterName: { type: 'AWS::ECS::Cluster', valueOf: nameOf },
  ServiceName: { type: 'AWS::ECS::Service', valueOf: nameOf },
  LoadBalancer: {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    valueOf: ({ attributes }) => attributes['LoadBalancerFullName'],
  },
  TargetGroup: {
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    valueOf: ({ attributes }) => attributes['TargetGroupFullName'],
  },
};

/**
 * Why an alarm on this metric gets no data from the deployed stacks; undefined when it gets some.
 * Beyond name and dimensions it takes a source that is there and that publishes.
 */
export function silenceOf(metric: Metric, resources: DeployedResources): MetricProblem | undefined {
  const filtered = filterProblem(metric, resources);
  if (filtered !== 'no filter') return filtered;
  const problem = metricProblem(metric);
  if (problem !== undefined) return problem;
  const title = `${metric.namespace} ${metric.name}`;
  for (const [dimension, value] of Object.entries(metric.dimensions)) {
    const source = SOURCES[dimension];
    if (source === undefined) continue;
    const found = resources.ofType(source.type).find((one) => source.valueOf(one) === value);
    if (found === undefined) {
      const reason = `${title} is watched for the ${dimension} '${value}', which no deployed stack has`;
      return { publishedOnAws: 'perhaps', reason };
    }
    if (dimension === 'PipelineName' && found.properties['PipelineType'] !== 'V2') {
      const reason = `${title} is published for pipelines of type V2 only, and '${value}' is none`;
      return { publishedOnAws: 'nobody', reason };
    }
    if (metric.namespace === 'ECS/ContainerInsights' && !hasInsights(found)) {
      const reason = `${title} is published for clusters with Container Insights only, and '${value}' has it switched off`;
      return { publishedOnAws: 'nobody', reason };
    }
  }
  return undefined;
}

/** What metric filters on log groups have to do with the metric. */
function filterProblem(
  { namespace, name, dimensions }: Metric,
  resources: DeployedResources,
): MetricProblem | undefined | 'no filter' {
  const published = resources
    .ofType('AWS::Logs::MetricFilter')
    .map(readMetricFilter)
    .flatMap(({ transformations }) => transformations)
    .filter((one) => one.namespace === namespace && one.metricName === name)
    .map((one) => ({ ...one, keys: Object.keys(one.dimensions).sort() }));
  if (published.length === 0) return 'no filter';
  const watched = Object.keys(dimensions).sort().join(' and ');
  const fitting = published.filter(({ keys }) => keys.join(' and ') === watched);
  const title = `${namespace} ${name}`;
  if (fitting.length === 0) {
    const keys = [...new Set(published.map((one) => one.keys.join(' and ') || 'none'))];
    const reason = `${title} is published by a metric filter with the dimensions ${keys.join(', or ')}, not with ${watched || 'none'}`;
    return { publishedOnAws: 'nobody', reason };
  }
  return undefined;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContainerInsights.html */
export function hasContainerInsights({ properties }: DeployedResource): boolean {
  const settings = properties['ClusterSettings'];
  return (Array.isArray(settings) ? settings : []).some(
    (setting: { Name?: unknown; Value?: unknown }) =>
      setting.Name === 'containerInsights' &&
      ['enabled', 'enhanced'].includes(String(setting.Value)),
  );
}

function hasInsights(found: DeployedResource): boolean {
  return found.type !== 'AWS::ECS::Cluster' || hasContainerInsights(found);
}

function nameOf({ name, physicalId }: DeployedResource): string {
  return name ?? physicalId;
}
