import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { AccessLogRecord } from '../elbv2/access-log';
import type { AwsEvent, RehearsalEvent, TargetHealthEvent } from '../events';
import type { AwsTime } from './aws-time';
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
  /** By target group, then by target */
  private readonly health = new Map<string, Map<string, TargetHealthEvent['state']>>();

  constructor(
    private readonly store: MetricStore,
    private readonly time: AwsTime,
    private readonly resources: DeployedResources,
  ) {}

  /** Takes in an event of the stream. */
  record(event: RehearsalEvent): void {
    if (event.kind === 'target-health') this.recordHealth(event);
    if (event.kind !== 'aws') return;
    if (event['detail-type'] === 'CodePipeline Pipeline Execution State Change') {
      this.recordExecution(event);
    } else if (event['detail-type'] === 'CodeBuild Build State Change') {
      this.recordBuild(event);
    }
  }

  /**
   * A request that a load balancer has finished. The time is that of the whole answer, where AWS
   * counts until its first byte.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
   */
  recordRequest(record: AccessLogRecord): void {
    const { loadBalancerArn, targetGroupArn, targetStatus, status } = record;
    if (loadBalancerArn === undefined) return;
    const loadBalancer = { LoadBalancer: fullName(loadBalancerArn) };
    const put = (name: string, value: number, toGroup: boolean) => {
      this.put('AWS/ApplicationELB', name, loadBalancer, value);
      if (!toGroup || targetGroupArn === undefined) return;
      const group = { ...loadBalancer, TargetGroup: fullName(targetGroupArn) };
      this.put('AWS/ApplicationELB', name, group, value);
    };
    if (record.target !== undefined) put('RequestCount', 1, true);
    if (targetStatus !== undefined) {
      put(`HTTPCode_Target_${hundreds(targetStatus)}_Count`, 1, true);
      put('TargetResponseTime', record.durationMs / 1000, true);
    } else if (status >= 300) {
      put(`HTTPCode_ELB_${hundreds(status)}_Count`, 1, false);
      if ([500, 502, 503, 504].includes(status)) put(`HTTPCode_ELB_${status}_Count`, 1, false);
    }
  }

  /**
   * Publishes what AWS measures again and again: healthy hosts, and tasks where the cluster has
   * Container Insights switched on.
   */
  sample(services: readonly ServiceCounts[]): void {
    for (const [group, targets] of this.health) this.putHealth(group, [...targets.values()]);
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
    const put = (name: string, value: number) => {
      this.put('AWS/CodeBuild', name, { ProjectName: String(detail['project-name']) }, value);
      this.put('AWS/CodeBuild', name, {}, value);
    };
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

  private recordHealth({ targetGroup, target, state }: TargetHealthEvent): void {
    const targets = this.health.get(targetGroup) ?? new Map<string, TargetHealthEvent['state']>();
    this.health.set(targetGroup, targets);
    if (state === 'healthy' || state === 'unhealthy') targets.set(target, state);
    else targets.delete(target);
    this.putHealth(targetGroup, [...targets.values()]);
  }

  private putHealth(targetGroupArn: string, states: readonly string[]): void {
    const count = (state: string) => states.filter((one) => one === state).length;
    const group = { TargetGroup: fullName(targetGroupArn) };
    const dimensions = [
      group,
      ...this.loadBalancersOf(targetGroupArn).map((arn) => ({
        ...group,
        LoadBalancer: fullName(arn),
      })),
    ];
    for (const one of dimensions) {
      this.put('AWS/ApplicationELB', 'HealthyHostCount', one, count('healthy'));
      this.put('AWS/ApplicationELB', 'UnHealthyHostCount', one, count('unhealthy'));
    }
  }

  private loadBalancersOf(targetGroupArn: string): string[] {
    const listeners = this.resources.ofType('AWS::ElasticLoadBalancingV2::Listener');
    const rules = this.resources.ofType('AWS::ElasticLoadBalancingV2::ListenerRule');
    const uses = (value: unknown) => JSON.stringify(value ?? '').includes(targetGroupArn);
    return listeners.flatMap(({ physicalId, properties }) =>
      uses(properties['DefaultActions']) ||
      rules.some(
        (rule) => rule.properties['ListenerArn'] === physicalId && uses(rule.properties['Actions']),
      )
        ? [String(properties['LoadBalancerArn'])]
        : [],
    );
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

/** `app/api/0123456789abcdef`, `targetgroup/api/0123456789abcdef`: the ARN's last part */
function fullName(arn: string): string {
  return (arn.split(':').slice(5).join(':') || arn).replace(/^loadbalancer\//, '');
}

function hundreds(status: number): string {
  return `${Math.floor(status / 100)}XX`;
}
