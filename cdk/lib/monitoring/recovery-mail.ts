import { ArnFormat, Duration, Stack } from 'aws-cdk-lib/core';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { EventField, type IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, type LogGroup, MetricFilter, ResourcePolicy } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { ResourceNames } from '../resource-names';
import { announce, type Audience } from './announcement';
import { pipelinePage } from './console-links';

/**
 * A mail when an execution succeeds after one has failed. No service says that, and no function is
 * needed for it: executions that end are written into a log group, a metric is 1 where one failed and
 * 0 where one succeeded, and an alarm that keeps its state in between goes back to OK exactly with
 * the next success.
 *
 * @param logGroup of the executions
 */
export function tellOfRecovery(
  scope: Construct,
  pipeline: Pipeline,
  names: ResourceNames,
  logGroup: LogGroup,
  audience: Audience,
): void {
  logExecutions(pipeline, names, logGroup);
  const alarm = createReleaseBrokenAlarm(scope, names, logGroup);
  const rule = new Rule(scope, 'ReleaseRecovered', {
    description: 'Tells that an execution has succeeded after one had failed',
    eventPattern: {
      source: ['aws.cloudwatch'],
      detailType: ['CloudWatch Alarm State Change'],
      resources: [alarm.alarmArn],
      // Not the first success ever, which makes the alarm OK too.
      detail: { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } },
    },
  });
  announce(
    rule,
    {
      title: `Releases work again: an execution of pipeline ${names.pipeline} has succeeded after one had failed.`,
      sentences: [
        'Serving now: the new version.',
        `Since ${EventField.fromPath('$.time')}. The executions:`,
      ],
      link: pipelinePage(Stack.of(scope).region, names.pipeline),
    },
    audience,
  );
}

/** ALARM from an execution that failed until one succeeds; it mails nobody itself. */
function createReleaseBrokenAlarm(
  scope: Construct,
  { metricNamespace, releaseBrokenAlarm }: ResourceNames,
  logGroup: LogGroup,
): Alarm {
  const publish = (id: string, state: string, metricValue: string) =>
    new MetricFilter(scope, id, {
      logGroup,
      filterPattern: FilterPattern.stringValue('$.detail.state', '=', state),
      metricNamespace,
      metricName: 'ReleaseFailed',
      metricValue,
    });
  publish('SucceededExecutions', 'SUCCEEDED', '0');
  const failed = publish('FailedExecutions', 'FAILED', '1');
  const alarm = new Alarm(scope, 'ReleaseBrokenAlarm', {
    alarmName: releaseBrokenAlarm,
    alarmDescription: 'ALARM from a release that failed until one succeeds.',
    metric: failed.metric({ statistic: Stats.MAXIMUM, period: Duration.minutes(1) }),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.IGNORE,
  });
  acknowledge(
    alarm,
    'A rule tells of its way back to OK; what failed is told by the rules of actions and deployments.',
    'CloudWatchAlarmAction',
  );
  return alarm;
}

/**
 * The group trusts EventBridge by a resource policy. The construct for this target would let a
 * function write that policy at each deploy; CloudFormation can do it by itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
function logExecutions(pipeline: Pipeline, names: ResourceNames, logGroup: LogGroup): void {
  const target: IRuleTarget = {
    bind: () => ({
      arn: Stack.of(logGroup).formatArn({
        service: 'logs',
        resource: 'log-group',
        resourceName: logGroup.logGroupName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    }),
  };
  const eventBridge = ['events.amazonaws.com', 'delivery.logs.amazonaws.com'];
  const rule = pipeline.onStateChange('ExecutionEnded', {
    description: 'Writes executions that ended into a log group',
    eventPattern: { detail: { state: ['SUCCEEDED', 'FAILED'] } },
    target,
  });
  new ResourcePolicy(logGroup, 'Policy', {
    resourcePolicyName: `${names.pipeline}-executions`,
    policyStatements: [
      new PolicyStatement({
        principals: eventBridge.map((service) => new ServicePrincipal(service)),
        actions: ['logs:CreateLogStream'],
        resources: [logGroup.logGroupArn],
      }),
      new PolicyStatement({
        principals: eventBridge.map((service) => new ServicePrincipal(service)),
        actions: ['logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
      }),
    ],
  });
}
