import { Duration } from 'aws-cdk-lib/core';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { HttpCodeElb, HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { ResourceNames } from '../resource-names';
import type { LoadBalancing } from './service-alarms';

export interface DashboardOptions {
  readonly names: ResourceNames;
  readonly loadBalancing: LoadBalancing;
  readonly service: FargateService;
  readonly desiredCount: number;
  /** Of the service and of its releases */
  readonly alarms: readonly (Alarm | IAlarm)[];
}

const WIDTH = 12;

/**
 * One page for the service and its releases. It is the service's, so that no stack has to export
 * anything for it; pipeline and build are known by name. An account's first three dashboards are
 * free, each further one costs $3 a month: https://aws.amazon.com/cloudwatch/pricing/
 */
export function createDashboard(scope: Construct, options: DashboardOptions): Dashboard {
  const { names, alarms } = options;
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: names.dashboard,
    defaultInterval: Duration.hours(3),
    widgets: [
      [
        new AlarmStatusWidget({
          title: 'Alarms',
          alarms: [...alarms],
          width: 2 * WIDTH,
          height: 3,
        }),
      ],
      traffic(options),
      tasks(options),
      releases(names),
    ],
  });
}

function traffic({ loadBalancing: { alb, targetGroup } }: DashboardOptions): GraphWidget[] {
  const { metrics } = targetGroup;
  const answers = (label: string, code: HttpCodeTarget) => metrics.httpCodeTarget(code, { label });
  const time = (percentile: number) =>
    metrics.targetResponseTime({ label: `p${percentile}`, statistic: Stats.p(percentile) });
  return [
    graph('Requests and answers', [
      metrics.requestCount({ label: 'requests' }),
      answers('2xx', HttpCodeTarget.TARGET_2XX_COUNT),
      answers('3xx', HttpCodeTarget.TARGET_3XX_COUNT),
      answers('4xx', HttpCodeTarget.TARGET_4XX_COUNT),
      answers('5xx', HttpCodeTarget.TARGET_5XX_COUNT),
      alb.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { label: '5xx of the load balancer' }),
    ]),
    graph('Time to answer, in seconds', [time(50), time(90), time(99)]),
  ];
}

function tasks({
  loadBalancing: { targetGroup },
  service,
  desiredCount,
}: DashboardOptions): GraphWidget[] {
  return [
    graph(
      'Tasks',
      [
        service.metricCpuUtilization({ label: 'running', statistic: Stats.SAMPLE_COUNT }),
        targetGroup.metrics.healthyHostCount({ label: 'healthy' }),
        targetGroup.metrics.unhealthyHostCount({ label: 'unhealthy' }),
      ],
      desiredCount,
    ),
    graph('CPU and memory of the tasks, in percent', [
      service.metricCpuUtilization({ label: 'CPU' }),
      service.metricMemoryUtilization({ label: 'memory' }),
    ]),
  ];
}

function releases({ pipeline, buildProject }: ResourceNames): GraphWidget[] {
  const ofPipeline = (metricName: string, label: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/CodePipeline',
      metricName,
      dimensionsMap: { PipelineName: pipeline },
      statistic,
      label,
    });
  return [
    graph('Executions of the pipeline', [
      ofPipeline('PipelineDuration', 'ended', Stats.SAMPLE_COUNT),
      ofPipeline('FailedPipelineExecutions', 'failed', Stats.SUM),
    ]),
    graph('Time of an execution and of its build, in seconds', [
      ofPipeline('PipelineDuration', 'execution', Stats.AVERAGE),
      new Metric({
        namespace: 'AWS/CodeBuild',
        metricName: 'Duration',
        dimensionsMap: { ProjectName: buildProject },
        statistic: Stats.AVERAGE,
        label: 'build',
      }),
    ]),
  ];
}

function graph(title: string, metrics: IMetric[], desiredCount?: number): GraphWidget {
  return new GraphWidget({
    title,
    width: WIDTH,
    left: metrics,
    period: Duration.minutes(1),
    leftYAxis: { min: 0, showUnits: false },
    ...(desiredCount !== undefined && {
      leftAnnotations: [{ label: 'desired', value: desiredCount }],
    }),
  });
}
