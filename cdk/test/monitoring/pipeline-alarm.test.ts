import { allPropertiesOf, pipelineTemplate } from '../_helpers/synth';

test('the alarm is on a metric that exists, goes back to OK by itself, and tells the topic of both', () => {
  const topic = [{ Ref: expect.stringMatching(/^PipelineNotificationTopic/) as unknown }];
  const alarms = allPropertiesOf(pipelineTemplate(), 'AWS::CloudWatch::Alarm');
  const [, alarm] = Object.entries(alarms).find(([id]) => id.startsWith('PipelineFailed'))!;
  expect(alarm).toMatchObject({
    AlarmName: 'EcsCodePipelinePracticeApiPipelineFailed',
    AlarmDescription: expect.stringMatching(/ALARM: .* OK: /) as unknown,
    Namespace: 'AWS/CodePipeline',
    MetricName: 'FailedPipelineExecutions',
    Dimensions: [
      { Name: 'PipelineName', Value: { Ref: expect.stringMatching(/^Pipeline/) as unknown } },
    ],
    Statistic: 'Sum',
    Period: 300,
    Threshold: 1,
    EvaluationPeriods: 1,
    TreatMissingData: 'notBreaching',
    AlarmActions: topic,
    OKActions: topic,
  });
});
