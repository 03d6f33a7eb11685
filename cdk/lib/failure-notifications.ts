import { Duration, Stack, Validations } from 'aws-cdk-lib/core';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/** Where failures are told; `email` gets a mail to confirm before the first one arrives. */
export function createNotificationTopic(scope: Construct, email: string | undefined): Topic {
  const topic = new Topic(scope, 'PipelineNotificationTopic', {
    displayName: 'Release failures',
    enforceSSL: true,
  });
  Validations.of(topic).acknowledge({
    id: 'AwsSolutions-SNS2',
    reason:
      'CloudWatch and EventBridge can publish to an encrypted topic only with a key of our own ($1 a month); the messages hold no secret.',
  });
  if (email !== undefined) topic.addSubscription(new EmailSubscription(email));
  return topic;
}

/** A mail at once: the event says which execution failed. */
export function notifyFailedExecutions(pipeline: Pipeline, topic: Topic): void {
  const { region } = Stack.of(pipeline);
  const name = EventField.fromPath('$.detail.pipeline');
  const execution = EventField.fromPath('$.detail.execution-id');
  pipeline.onStateChange('ExecutionFailed', {
    description: 'Tells the topic that a pipeline execution has failed',
    eventPattern: { detail: { state: ['FAILED'] } },
    target: new SnsTopic(topic, {
      message: RuleTargetInput.fromMultilineText(
        [
          `Release failed: pipeline ${name} in ${EventField.fromPath('$.region')} at ${EventField.fromPath('$.time')}.`,
          'What failed, why, and for which commit:',
          `https://${region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${name}/executions/${execution}/timeline?region=${region}`,
          'The version that was serving before keeps serving.',
        ].join('\n'),
      ),
    }),
  });
}

/**
 * The state of the pipeline at a glance. The metric is published only when something failed, so
 * silence is good: https://docs.aws.amazon.com/codepipeline/latest/userguide/metrics-dimensions.html
 */
export function createPipelineFailedAlarm(
  scope: Construct,
  alarmName: string,
  pipeline: Pipeline,
  topic: Topic,
): Alarm {
  const alarm = new Alarm(scope, 'PipelineFailedAlarm', {
    alarmName,
    alarmDescription: 'An execution of the release pipeline failed in the last five minutes.',
    metric: new Metric({
      namespace: 'AWS/CodePipeline',
      metricName: 'FailedPipelineExecutions',
      dimensionsMap: { PipelineName: pipeline.pipelineName },
      statistic: Stats.SUM,
      period: Duration.minutes(5),
    }),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  allowAlarm(topic, alarm);
  return alarm;
}

/**
 * The rule's statement replaces the topic's default policy, under which an alarm of the account may
 * publish. Without this one CloudWatch would be refused, and only the alarm's history would tell.
 */
function allowAlarm(topic: Topic, alarm: Alarm): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowTheAlarm',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { ArnEquals: { 'aws:SourceArn': alarm.alarmArn } },
    }),
  );
}
