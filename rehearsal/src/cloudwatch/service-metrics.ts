import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { AccessLogRecord } from '../elbv2/access-log';
import type { ConnectionCounts } from '../elbv2/connection-counts';
import type { AwsEvent, RehearsalEvent } from '../events';
import type { AwsTime } from './aws-time';
import { LoadBalancerMetrics } from './load-balancer-metrics';
import { hasContainerInsights } from './metric-source';
import type { Metric, MetricStore } from './metric-store';

type Dimensions = Metric['dimensions'];

/** What ECS tells of a service for Container Insights. */
export interface ServiceCounts {
  readonly serviceName: string;
  readonly clusterArn: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly deployments: readonly unknown[];
}

/** Publishes the metrics of the services that the engine plays, from what they do. */
export class ServiceMetrics {
  private readonly buildStarts = new Map<string, number>();
  private readonly loadBalancers: LoadBalancerMetrics;

  constructor(
    private readonly store: MetricStore,
    private readonly time: AwsTime,
    private readonly resources: DeployedResources,
  ) {
    this.loadBalancers = new LoadBalancerMetrics(resources, (namespace, name, dimensions, value) =>
      this.put(namespace, name, dimensions, value),
    );
  }

  /** Takes in an event of the stream. */
  record(event: RehearsalEvent): void {
    if (event.kind === 'target-health') this.loadBalancers.recordHealth(event);
    if (event.kind !== 'aws') return;
    if (event['detail-type'] === 'CodePipeline Pipeline Execution State Change') {
      this.recordExecution(event);
    } else if (event['detail-type'] === 'CodeBuild Build State Change') {
      this.recordBuild(event);
    } else if (event['detail-type'] === 'CodeBuild Build Phase Change') {
      this.recordPhase(event);
    }
  }

  /** A request that a load balancer has finished. */
  recordRequest(record: AccessLogRecord): void {
    this.loadBalancers.recordRequest(record);
  }

  /**
   * Publishes what AWS measures again and again: healthy hosts and connections, and tasks where the
   * cluster has Container Insights switched on.
   */
  sample(services: readonly ServiceCounts[], connections: readonly ConnectionCounts[] = []): void {
    this.loadBalancers.sample(connections);
    for (const service of services) this.putService(service);
  }

  /** https://docs.aws.amazon.com/codepipeline/latest/userguide/metrics-dimensions.html */
  private recordExecution({ detail, time }: AwsEvent): void {
    const name = String(detail['pipeline']);
    const pipeline = this.resources
      .ofType('AWS::CodePipeline::Pipeline')
      .find((resource) => resource.physicalId === name || resource.name === name);
    const state = String(detail['state']);
    // Only pipelines of type V2 have metrics; a template that names no type gets V1.
    if (pipeline?.properties['PipelineType'] !== 'V2') return;
    if (!['SUCCEEDED', 'FAILED', 'STOPPED'].includes(state)) return;
    const seconds = (Date.parse(time) - Date.parse(String(detail['start-time']))) / 1000;
    for (const dimensions of [{ PipelineName: name }, {}]) {
      this.put('AWS/CodePipeline', 'PipelineDuration', dimensions, seconds);
      if (state === 'FAILED') {
        this.put('AWS/CodePipeline', 'FailedPipelineExecutions', dimensions, 1);
      }
    }
  }

  /** https://docs.aws.amazon.com/codebuild/latest/userguide/cloudwatch_metrics-codebuild.html */
  private recordBuild({ detail, time }: AwsEvent): void {
    const id = String(detail['build-id']);
    const status = String(detail['build-status']);
    const put = (name: string, value: number) => this.putBuild(detail, name, value);
    if (status === 'IN_PROGRESS') {
      this.buildStarts.set(id, Date.parse(time));
      put('Builds', 1);
      return;
    }
    if (status === 'SUCCEEDED') put('SucceededBuilds', 1);
    else if (status !== 'STOPPED') put('FailedBuilds', 1);
    const start = this.buildStarts.get(id);
    if (start !== undefined) put('Duration', (Date.parse(time) - start) / 1000);
    this.buildStarts.delete(id);
  }

  /** `PRE_BUILD` → `PreBuildDuration` */
  private recordPhase({ detail }: AwsEvent): void {
    const words = String(detail['completed-phase']).toLowerCase().split('_');
    const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
    this.putBuild(detail, `${name}Duration`, Number(detail['completed-phase-duration-seconds']));
  }

  private putBuild(detail: AwsEvent['detail'], name: string, value: number): void {
    this.put('AWS/CodeBuild', name, { ProjectName: String(detail['project-name']) }, value);
    this.put('AWS/CodeBuild', name, {}, value);
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html */
  private putService(service: ServiceCounts): void {
    const cluster = this.resources.find('AWS::ECS::Cluster', service.clusterArn);
    if (cluster === undefined || !hasContainerInsights(cluster)) return;
    const dimensions = {
      ClusterName: service.clusterArn.split('/').at(-1) ?? '',
      ServiceName: service.serviceName,
    };
    const put = (name: string, value: number) =>
      this.put('ECS/ContainerInsights', name, dimensions, value);
    put('DesiredTaskCount', service.desiredCount);
    put('RunningTaskCount', service.runningCount);
    put('PendingTaskCount', service.pendingCount);
    put('DeploymentCount', service.deployments.length);
  }

  private put(namespace: string, name: string, dimensions: Dimensions, value: number): void {
    this.store.put({ namespace, name, dimensions }, value, this.time.now());
  }
}
