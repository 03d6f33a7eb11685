import {
  allPropertiesOf,
  pipelineTemplate,
  type Properties,
  propertiesOf,
} from '../_helpers/synth';

const template = pipelineTemplate();

const alarm = Object.values(allPropertiesOf(template, 'AWS::CloudWatch::Alarm')).find(
  ({ AlarmName }) => AlarmName === 'EcsCodePipelinePracticeApiReleaseBroken',
) as Properties;

const rule = (id: string) =>
  Object.entries(allPropertiesOf(template, 'AWS::Events::Rule')).find(([logicalId]) =>
    logicalId.includes(id),
  )![1];

test('a metric is 1 for an execution that failed and 0 for one that succeeded', () => {
  const filters = Object.values(allPropertiesOf(template, 'AWS::Logs::MetricFilter'));
  const published = filters.map(
    ({ FilterPattern: pattern, MetricTransformations: [metric] }): unknown[] => [
      pattern,
      (metric as Properties)['MetricValue'],
      (metric as Properties)['MetricName'],
    ],
  );
  expect(published.sort()).toEqual([
    ['{ $.detail.state = "FAILED" }', '1', 'ReleaseFailed'],
    ['{ $.detail.state = "SUCCEEDED" }', '0', 'ReleaseFailed'],
  ]);
});

test('an alarm on it is red from a failure until a success, however long nothing happens', () => {
  expect(alarm).toMatchObject({
    Namespace: 'ecs-codepipeline-practice/api',
    MetricName: 'ReleaseFailed',
    Statistic: 'Maximum',
    Threshold: 1,
    EvaluationPeriods: 1,
    TreatMissingData: 'ignore',
  });
  expect(alarm).not.toHaveProperty('AlarmActions');
});

test('its way back is the mail, but its first OK is not', () => {
  expect(rule('ReleaseRecovered')['EventPattern']).toMatchObject({
    source: ['aws.cloudwatch'],
    resources: [{ 'Fn::GetAtt': [expect.stringMatching(/^ReleaseBrokenAlarm/), 'Arn'] }],
    detail: { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } },
  });
  expect(JSON.stringify(rule('ReleaseRecovered')['Targets'])).toContain('Releases work again');
});

test('executions that end are written into a log group that only EventBridge may write to', () => {
  expect(rule('ExecutionEnded')['EventPattern']).toMatchObject({
    'detail-type': ['CodePipeline Pipeline Execution State Change'],
    detail: { state: ['SUCCEEDED', 'FAILED'] },
  });
  const { PolicyDocument: policy } = propertiesOf(template, 'AWS::Logs::ResourcePolicy');
  const text = JSON.stringify(policy);
  expect(text).toContain('logs:CreateLogStream');
  expect(text).toContain('logs:PutLogEvents');
  expect(text).toContain('events.amazonaws.com');
  expect(JSON.stringify(rule('ExecutionEnded')['Targets'])).toContain('log-group:');
});

test('none of it needs a function', () => {
  template.resourceCountIs('AWS::Lambda::Function', 0);
});
