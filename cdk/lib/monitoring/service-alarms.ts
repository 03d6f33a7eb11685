import { Duration } from 'aws-cdk-lib/core';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { ServiceAlarmNames } from '../resource-names';
import type { AlarmThresholds } from './alarm-thresholds';

const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } =
  ComparisonOperator;

/** Fewer requests in a minute say nothing about a percentage. */
const ENOUGH_REQUESTS = 20;

export interface LoadBalancing {
  readonly alb: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
}

/**
 * What users get to feel at once: errors of the service, and answers that the load balancer had to
 * give itself. One bad minute is enough, so these two guard deployments. The load balancer publishes
 * error counts only when there are errors, hence the missing data:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function createErrorAlarms(
  scope: Construct,
  names: ServiceAlarmNames,
  { alb, targetGroup }: LoadBalancing,
  { errorPercent, loadBalancerErrors }: AlarmThresholds,
): readonly Alarm[] {
  const period = Duration.minutes(1);
  return [
    createAlarm(scope, 'TargetErrorsAlarm', {
      alarmName: names.targetErrors,
      alarmDescription: `In one minute ${errorPercent} % of the answers were errors (5xx) of the service.`,
      metric: new MathExpression({
        label: 'errors in percent',
        expression: `IF(requests >= ${ENOUGH_REQUESTS}, 100 * FILL(errors, 0) / requests, 0)`,
        usingMetrics: {
          errors: targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }),
          requests: targetGroup.metrics.requestCount({ period }),
        },
        period,
      }),
      threshold: errorPercent,
      evaluationPeriods: 1,
    }),
    createAlarm(scope, 'LoadBalancerErrorsAlarm', {
      alarmName: names.loadBalancerErrors,
      alarmDescription: `The load balancer answered ${loadBalancerErrors} requests of a minute with an error (5xx) itself: no task did, or none in time.`,
      metric: alb.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period }),
      threshold: loadBalancerErrors,
      evaluationPeriods: 1,
    }),
  ];
}

/**
 * What becomes a problem when it stays. None of these guards deployments: a release that starts cold
 * tasks is slow and busy for a minute, and health is what the circuit breaker looks at.
 */
export function createHealthAlarms(
  scope: Construct,
  names: ServiceAlarmNames,
  { targetGroup }: LoadBalancing,
  service: FargateService,
  desiredCount: number,
  { latencySeconds, utilizationPercent }: AlarmThresholds,
): readonly Alarm[] {
  const period = Duration.minutes(1);
  const utilization = (id: string, alarmName: string, what: string, metric: IMetric) =>
    createAlarm(scope, id, {
      alarmName,
      alarmDescription: `The tasks use ${utilizationPercent} % of their ${what}: give them more, or run more of them.`,
      metric,
      threshold: utilizationPercent,
      evaluationPeriods: 5,
    });
  const tasksMissing = createAlarm(scope, 'TasksMissingAlarm', {
    alarmName: names.tasksMissing,
    alarmDescription: `Fewer than ${desiredCount} tasks have been running for five minutes: ECS cannot start them. Its events say why.`,
    // A sample for each task and minute, so no task means no data.
    metric: service.metricCpuUtilization({ period, statistic: Stats.SAMPLE_COUNT }),
    threshold: desiredCount,
    evaluationPeriods: 5,
    comparisonOperator: LESS_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.BREACHING,
  });
  // CloudFormation creates it when the tasks run, so that it does not begin with an ALARM.
  tasksMissing.node.addDependency(service);
  return [
    createAlarm(scope, 'UnhealthyTargetsAlarm', {
      alarmName: names.unhealthyTargets,
      alarmDescription:
        'A task has failed its health check for three minutes, and ECS has not replaced it.',
      metric: targetGroup.metrics.unhealthyHostCount({ period, statistic: Stats.MAXIMUM }),
      threshold: 1,
      evaluationPeriods: 3,
    }),
    createAlarm(scope, 'SlowAnswersAlarm', {
      alarmName: names.slowAnswers,
      alarmDescription: `One answer in a hundred has taken more than ${latencySeconds} s for five minutes.`,
      metric: targetGroup.metrics.targetResponseTime({ period, statistic: Stats.p(99) }),
      threshold: latencySeconds,
      evaluationPeriods: 5,
      comparisonOperator: GREATER_THAN_THRESHOLD,
    }),
    utilization('CpuAlarm', names.cpu, 'CPU', service.metricCpuUtilization({ period })),
    utilization('MemoryAlarm', names.memory, 'memory', service.metricMemoryUtilization({ period })),
    tasksMissing,
  ];
}

/** No data is good, unless an alarm says otherwise. */
function createAlarm(
  scope: Construct,
  id: string,
  props: Omit<AlarmProps, 'comparisonOperator'> & Partial<AlarmProps>,
): Alarm {
  const alarm = new Alarm(scope, id, {
    comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    ...props,
  });
  acknowledge(
    alarm,
    "A rule of the pipeline's stack tells the topic of its changes; an action would need the topic, whose stack depends on this one.",
    'CloudWatchAlarmAction',
  );
  return alarm;
}
