import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { TaskUtilization } from '../ecs/task-utilization';
import type { AwsTime } from './aws-time';
import { hasContainerInsights } from './metric-source';
import type { Metric, MetricStore } from './metric-store';

const MINUTE_MS = 60_000;

/** Whether any alarm watches what tasks use; measuring costs what it measures. */
export function watchesUtilization(resources: DeployedResources): boolean {
  const metric = /"MetricName":"(CPUUtilization|MemoryUtilization|CpuUtilized|MemoryUtilized)"/;
  return resources
    .ofType('AWS::CloudWatch::Alarm')
    .some(({ properties }) => metric.test(JSON.stringify(properties)));
}

/**
 * Publishes what tasks use, at most once a minute of AWS time. Each task is a sample of its service,
 * so that the Average is what all use of what all reserve.
 */
export class UtilizationMetrics {
  private readonly isWatched: boolean;
  private publishedAt: number | undefined;

  constructor(
    private readonly resources: DeployedResources,
    private readonly store: MetricStore,
    private readonly time: AwsTime,
    private readonly measure: () => Promise<readonly TaskUtilization[]>,
  ) {
    this.isWatched = watchesUtilization(resources);
  }

  /** Called again and again, and awaited before alarms are evaluated. */
  async sample(): Promise<void> {
    const now = this.time.now();
    const isDue = this.publishedAt === undefined || now - this.publishedAt >= MINUTE_MS;
    if (!this.isWatched || !isDue) return;
    this.publishedAt = now;
    for (const task of await this.measure()) {
      const cluster = this.resources.find('AWS::ECS::Cluster', task.clusterArn);
      const insights = cluster !== undefined && hasContainerInsights(cluster);
      for (const [metric, value] of utilizationMetrics(task, insights)) {
        this.store.put(metric, value, this.time.now());
      }
    }
  }
}

/**
 * What ECS publishes of one task, and Container Insights beside it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
 */
export function utilizationMetrics(
  { clusterArn, serviceName, cpuUnits, memoryMiB }: TaskUtilization,
  insights: boolean,
): readonly (readonly [Metric, number])[] {
  const dimensions = {
    ClusterName: clusterArn.split('/').at(-1) ?? '',
    ServiceName: serviceName,
  };
  const metric = (namespace: string, name: string): Metric => ({ namespace, name, dimensions });
  const ofInsights = [
    ['CpuUtilized', cpuUnits.used],
    ['CpuReserved', cpuUnits.reserved],
    ['MemoryUtilized', memoryMiB.used],
    ['MemoryReserved', memoryMiB.reserved],
  ] as const;
  return [
    [metric('AWS/ECS', 'CPUUtilization'), (100 * cpuUnits.used) / cpuUnits.reserved],
    [metric('AWS/ECS', 'MemoryUtilization'), (100 * memoryMiB.used) / memoryMiB.reserved],
    ...(insights
      ? ofInsights.map(([name, value]) => [metric('ECS/ContainerInsights', name), value] as const)
      : []),
  ];
}
