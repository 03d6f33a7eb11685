import { type Properties, propertiesOf, serviceTemplate } from '../_helpers/synth';

const template = serviceTemplate();
const { DashboardName: name, DashboardBody: body } = propertiesOf(
  template,
  'AWS::CloudWatch::Dashboard',
);
const text = JSON.stringify(body).replaceAll('\\"', '"');

test('there is one dashboard, and an output has its address', () => {
  expect(name).toBe('ecs-codepipeline-practice-api');
  const outputs = template.findOutputs('DashboardUrl') as Record<string, Properties>;
  expect(outputs['DashboardUrl']!['Value']).toBe(
    'https://ap-northeast-2.console.aws.amazon.com/cloudwatch/home?region=ap-northeast-2#dashboards/dashboard/ecs-codepipeline-practice-api',
  );
});

test.each([
  ['requests', /"RequestCount"/],
  [
    'answers by code',
    /HTTPCode_Target_2XX_Count.*HTTPCode_Target_4XX_Count.*HTTPCode_Target_5XX_Count/,
  ],
  ['errors of the load balancer', /HTTPCode_ELB_5XX_Count/],
  ['latency', /"stat":"p50".*"stat":"p90".*"stat":"p99"/],
  ['tasks that are desired and that run', /"stat":"SampleCount".*"label":"desired","value":2/],
  ['CPU and memory', /"CPUUtilization".*"MemoryUtilization"/],
  ['executions', /"PipelineDuration".*"FailedPipelineExecutions"/],
  [
    'the time of a build',
    /"AWS\/CodeBuild","Duration","ProjectName","ecs-codepipeline-practice-api-build"/,
  ],
  ['the alarm of the pipeline', /alarm:EcsCodePipelinePracticeApiPipelineFailed/],
  ['the alarms of the service', /TargetErrorsAlarm.*TasksMissingAlarm/],
])('it shows %s', (_, pattern) => {
  expect(text).toMatch(pattern);
});
