import {
  allPropertiesOf,
  pipelineTemplate,
  type Properties,
  propertiesOf,
  serviceTemplate,
} from '../_helpers/synth';

const template = serviceTemplate();
const alarms = Object.values(allPropertiesOf(template, 'AWS::CloudWatch::Alarm'));

function alarm(name: string): Properties {
  const found = alarms.find(({ AlarmName }) => AlarmName === `EcsCodePipelinePracticeApi${name}`);
  if (!found) throw new Error(`there is no alarm ${name}`);
  return found;
}

test('each alarm has a sentence that says what is wrong', () => {
  expect(alarms.length).toBe(7);
  for (const { AlarmDescription: text } of alarms) expect(text).toMatch(/^[A-Z].{30,}\.$/);
});

describe('errors', () => {
  test('of the service are a share of the requests, and of few requests none', () => {
    const { Metrics: metrics, Threshold: threshold } = alarm('TargetErrors');
    const [expression] = metrics as Properties[];
    expect(expression).toMatchObject({
      Expression: 'IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)',
    });
    expect(threshold).toBe(5);
    expect(JSON.stringify(metrics)).toMatch(/HTTPCode_Target_5XX_Count.*RequestCount/);
  });

  test('of the load balancer are counted, and silence is good: it publishes them only if there are any', () => {
    expect(alarm('LoadBalancerErrors')).toMatchObject({
      MetricName: 'HTTPCode_ELB_5XX_Count',
      Statistic: 'Sum',
      Threshold: 10,
      TreatMissingData: 'notBreaching',
    });
  });
});

test('health, latency, CPU and memory have to be bad for minutes', () => {
  expect(alarm('UnhealthyTargets')).toMatchObject({
    MetricName: 'UnHealthyHostCount',
    EvaluationPeriods: 3,
  });
  expect(alarm('SlowAnswers')).toMatchObject({
    MetricName: 'TargetResponseTime',
    ExtendedStatistic: 'p99',
    EvaluationPeriods: 5,
    Threshold: 1,
  });
  expect(alarm('Cpu')).toMatchObject({ MetricName: 'CPUUtilization', EvaluationPeriods: 5 });
  expect(alarm('Memory')).toMatchObject({ MetricName: 'MemoryUtilization', Threshold: 85 });
});

test('tasks that are missing are noticed also when there are none, and thus no data', () => {
  expect(alarm('TasksMissing')).toMatchObject({
    MetricName: 'CPUUtilization',
    Statistic: 'SampleCount',
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 2,
    TreatMissingData: 'breaching',
  });
  const waiting = Object.values(
    template.findResources('AWS::CloudWatch::Alarm') as Record<string, Properties>,
  ).find(({ Properties: properties }) => (properties as Properties)['Statistic'] === 'SampleCount');
  expect(JSON.stringify(waiting!['DependsOn'])).toContain('ApiService');
});

test('the two that users feel at once guard deployments, with a rollback', () => {
  const { DeploymentConfiguration: deployment } = propertiesOf(template, 'AWS::ECS::Service');
  expect((deployment as Properties)['Alarms']).toEqual({
    AlarmNames: [
      { Ref: expect.stringMatching(/^TargetErrorsAlarm/) as unknown },
      { Ref: expect.stringMatching(/^LoadBalancerErrorsAlarm/) as unknown },
    ],
    Enable: true,
    Rollback: true,
  });
});

test('their thresholds can be set, within limits', () => {
  const strict = serviceTemplate({ alarmThresholds: { errorPercent: 1, latencySeconds: 0.2 } });
  const thresholds = Object.values(allPropertiesOf(strict, 'AWS::CloudWatch::Alarm')).map(
    ({ Threshold }): unknown => Threshold,
  );
  expect(thresholds).toEqual(expect.arrayContaining([1, 0.2]));
  expect(() => serviceTemplate({ alarmThresholds: { errorPercent: 0 } })).toThrow(
    /'alarmThresholds.errorPercent' should be a whole number from 1 to 100, got: '0'/,
  );
  expect(() => serviceTemplate({ alarmThresholds: { latencySeconds: -1 } })).toThrow(
    /'alarmThresholds.latencySeconds' should be above 0/,
  );
});

describe('people are told', () => {
  const rules = Object.entries(allPropertiesOf(pipelineTemplate(), 'AWS::Events::Rule'));
  const pattern = (id: string) =>
    rules.find(([logicalId]) => new RegExp(`^${id}[0-9A-F]{8}$`).test(logicalId))![1][
      'EventPattern'
    ] as Properties;

  test('of exactly these alarms, by the name that each really has', () => {
    const names = alarms.map(({ AlarmName }): unknown => AlarmName).sort();
    const { alarmName } = pattern('ServiceAlarm')['detail'] as { alarmName: string[] };
    expect([...alarmName].sort()).toEqual(names);
  });

  test('when one goes off, and when it is over, but not that a new one is fine', () => {
    expect(pattern('ServiceAlarm')['detail']).toMatchObject({ state: { value: ['ALARM'] } });
    expect(pattern('ServiceAlarmOver')['detail']).toMatchObject({
      state: { value: ['OK'] },
      previousState: { value: ['ALARM'] },
    });
  });
});
