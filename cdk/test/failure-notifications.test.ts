import { pipelineTemplate, type Properties, propertiesOf } from './_helpers/synth';

const template = pipelineTemplate({ notificationEmail: 'team@example.com' });

describe('a failed release', () => {
  test('reaches the topic at once, in words and with a link', () => {
    const { EventPattern: pattern, Targets: targets } = propertiesOf(
      template,
      'AWS::Events::Rule',
    ) as { EventPattern: unknown; Targets: Properties[] };
    expect(pattern).toMatchObject({
      source: ['aws.codepipeline'],
      'detail-type': ['CodePipeline Pipeline Execution State Change'],
      detail: { state: ['FAILED'] },
    });
    expect(targets[0]!['InputTransformer']['InputTemplate']).toContain(
      'https://ap-northeast-2.console.aws.amazon.com/codesuite/codepipeline/pipelines/<detail-pipeline>/executions/<detail-execution-id>',
    );
  });

  test('sets off the alarm, on a metric that exists and is silent while all is well', () => {
    expect(propertiesOf(template, 'AWS::CloudWatch::Alarm')).toMatchObject({
      AlarmName: 'EcsCodePipelinePracticeApiPipelineFailed',
      Namespace: 'AWS/CodePipeline',
      MetricName: 'FailedPipelineExecutions',
      Dimensions: [{ Name: 'PipelineName', Value: { Ref: expect.stringMatching(/^Pipeline/) } }],
      Statistic: 'Sum',
      Period: 300,
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: expect.stringMatching(/^PipelineNotificationTopic/) }],
    });
  });

  test('may be told to the topic by EventBridge and by the alarm, over TLS only', () => {
    const { PolicyDocument: policy } = propertiesOf(template, 'AWS::SNS::TopicPolicy') as {
      PolicyDocument: { Statement: Properties[] };
    };
    expect(policy.Statement.map(({ Effect, Principal }): unknown[] => [Effect, Principal])).toEqual(
      [
        ['Deny', '*'],
        ['Allow', { Service: 'events.amazonaws.com' }],
        ['Allow', { Service: 'cloudwatch.amazonaws.com' }],
      ],
    );
  });

  test('is mailed to the address, and to nobody without one', () => {
    expect(propertiesOf(template, 'AWS::SNS::Subscription')).toMatchObject({
      Protocol: 'email',
      Endpoint: 'team@example.com',
    });
    pipelineTemplate().resourceCountIs('AWS::SNS::Subscription', 0);
  });
});
