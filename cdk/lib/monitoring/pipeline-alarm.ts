import { Duration } from 'aws-cdk-lib/core';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import type { Construct } from 'constructs';

/**
 * The way that does not depend on EventBridge. CodePipeline publishes the metric when an execution
 * failed, so silence is good:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/metrics-dimensions.html
 */
export function createPipelineFailedAlarm(
  scope: Construct,
  alarmName: string,
  pipeline: Pipeline,
): Alarm {
  return new Alarm(scope, 'PipelineFailedAlarm', {
    alarmName,
    alarmDescription:
      'ALARM: an execution of the release pipeline has failed; the mail about its action says why. OK: none failed in the last minutes, which does not mean that one has succeeded since; a mail of its own says that.',
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
}
