import type { AlarmDefinition } from '../../src/cloudwatch/alarm-definition';
import { alarmEmailText, alarmMessage } from '../../src/cloudwatch/alarm-message';
import { AwsTime } from '../../src/cloudwatch/aws-time';
import { deployedResource } from '../_helpers/deployed-resource';
import {
  bothPublishers,
  emailTo,
  pipeline,
  pipelineAlarm,
  startNotifications,
  topic,
  TOPIC_ARN,
} from '../_helpers/notification-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const MINUTE = 60_000;
let close: () => void = () => undefined;
afterEach(() => close());

function start(alarm: Record<string, unknown> = {}, type?: string) {
  const resources = [pipeline(type), topic(), bothPublishers(), emailTo('dev@example.com')];
  const started = startNotifications(directory, [...resources, pipelineAlarm(alarm)]);
  close = () => started.notifications.close();
  const { notifications } = started;
  const changes = () =>
    notifications.alarms.all[0]!.changes.map(({ from, to }) => `${from} -> ${to}`);
  return { ...started, changes };
}

describe('an alarm', () => {
  test('begins with INSUFFICIENT_DATA, and gaps that count as fine make it OK a minute later', async () => {
    const { notifications, clock, changes } = start();
    expect(notifications.stateOf('pipeline-failed')).toBe('INSUFFICIENT_DATA');

    await clock.advance(MINUTE);

    expect(changes()).toEqual(['INSUFFICIENT_DATA -> OK']);
    expect(notifications.alarms.all[0]!.changes[0]!.reason).toBe(
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
    );
  });

  test('goes to ALARM when the pipeline fails, and back when the range holds no failure any more', async () => {
    const { execution, clock, changes, notifications } = start({ OKActions: [TOPIC_ARN] });
    await clock.advance(MINUTE);
    execution('FAILED');
    await clock.advance(20 * MINUTE);

    expect(changes()).toEqual(['INSUFFICIENT_DATA -> OK', 'OK -> ALARM', 'ALARM -> OK']);
    expect(notifications.mail.map(({ subject }) => subject)).toEqual([
      'OK: "pipeline-failed" in Asia Pacific (Seoul)',
      'ALARM: "pipeline-failed" in Asia Pacific (Seoul)',
      'OK: "pipeline-failed" in Asia Pacific (Seoul)',
    ]);
  });

  test('acts when its state changes, not because it stays: two failures are one mail', async () => {
    const { execution, clock, notifications } = start();
    await clock.advance(MINUTE);
    execution('FAILED');
    await clock.advance(MINUTE);
    execution('FAILED');
    await clock.advance(MINUTE);

    expect(notifications.mail).toHaveLength(1);
  });

  test('with its actions switched off it changes its state and tells nobody', async () => {
    const { execution, clock, notifications } = start({ ActionsEnabled: false });
    execution('FAILED');
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
    expect(notifications.mail).toEqual([]);
  });

  test('puts its change on the event bus', async () => {
    const { execution, clock, events } = start();
    await clock.advance(MINUTE);
    execution('FAILED');
    await clock.advance(MINUTE);

    const changes = events.filter(
      (event) => event.kind === 'aws' && event['detail-type'] === 'CloudWatch Alarm State Change',
    );
    expect(changes.at(-1)).toMatchObject({
      source: 'aws.cloudwatch',
      detail: {
        alarmName: 'pipeline-failed',
        state: { value: 'ALARM' },
        previousState: { value: 'OK' },
        configuration: { metrics: [{ metricStat: { period: 300, stat: 'Sum' } }] },
      },
    });
  });

  test('its mails say when what they tell of began: the failure, and for the OK mail the same', async () => {
    const { execution, clock, notifications } = start({ OKActions: [TOPIC_ARN] });
    const created = clock.now();
    await clock.advance(MINUTE + 10_000);
    const failed = clock.now();
    execution('FAILED');
    await clock.advance(20 * MINUTE);

    expect(notifications.mail.map(({ subject, cause }) => [subject.slice(0, 2), cause])).toEqual([
      ['OK', new Date(created).toISOString()],
      ['AL', new Date(failed).toISOString()],
      ['OK', new Date(failed).toISOString()],
    ]);
  });

  test('whoever waits for a state is told when it comes, or that it will not come', async () => {
    const { execution, clock, notifications } = start();
    const alarmed = notifications.alarms.waitFor('pipeline-failed', 'ALARM');
    execution('FAILED');
    await clock.advance(MINUTE);
    await expect(alarmed).resolves.toBe(true);

    const never = notifications.alarms.waitFor('pipeline-failed', 'INSUFFICIENT_DATA');
    notifications.close();
    await expect(never).resolves.toBe(false);
  });

  test('a pipeline of type V1 has no metrics, so its alarm never hears of a failure', async () => {
    const { execution, clock, notifications } = start({}, 'V1');
    execution('FAILED');
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe('OK');
  });

  test('metric math is evaluated period by period', async () => {
    const stat = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/CodePipeline',
          MetricName,
          Dimensions: [{ Name: 'PipelineName', Value: 'api' }],
        },
        Stat: 'SampleCount',
        Period: 60,
      },
    });
    const { execution, clock, changes } = start({
      Namespace: undefined,
      MetricName: undefined,
      Period: undefined,
      Statistic: undefined,
      Threshold: 50,
      ComparisonOperator: 'GreaterThanThreshold',
      Metrics: [
        { Id: 'rate', Expression: '100 * FILL(failed, 0) / all' },
        stat('failed', 'FailedPipelineExecutions'),
        stat('all', 'PipelineDuration'),
      ],
    });

    execution('SUCCEEDED');
    execution('FAILED');
    await clock.advance(MINUTE);
    execution('FAILED');
    await clock.advance(MINUTE);

    expect(changes()).toEqual(['INSUFFICIENT_DATA -> OK', 'OK -> ALARM']);
  });

  test('what cannot be evaluated is named and left alone', async () => {
    const { clock, changes, unproven } = start({
      Statistic: undefined,
      ExtendedStatistic: 'tm90',
    });
    await clock.advance(5 * MINUTE);

    expect(changes()).toEqual([]);
    expect(unproven()).toContainEqual(expect.stringContaining('the statistic tm90 is not played'));
  });

  test('an action that is no topic is named', () => {
    const { unproven } = start({ AlarmActions: ['arn:aws:swf:us-east-1:000000000000:action/x'] });

    expect(unproven()).toContainEqual(expect.stringContaining('action/x, which is not played'));
  });
});

describe('what an alarm writes', () => {
  const change = async () => {
    const { execution, clock, notifications } = start();
    await clock.advance(MINUTE);
    await clock.advance(MINUTE);
    execution('FAILED');
    await clock.advance(MINUTE);
    const [alarm] = notifications.alarms.all;
    return { definition: alarm!.definition as AlarmDefinition, change: alarm!.changes.at(-1)! };
  };

  test('the message has the keys of delivered ones, in their order', async () => {
    const { definition, change: alarmed } = await change();

    expect(alarmMessage(definition, alarmed)).toBe(
      JSON.stringify({
        AlarmName: 'pipeline-failed',
        AlarmDescription: null,
        AWSAccountId: '000000000000',
        AlarmConfigurationUpdatedTimestamp: '2026-01-01T00:00:00.000+0000',
        NewStateValue: 'ALARM',
        NewStateReason:
          'Threshold Crossed: 1 out of the last 1 datapoints [1.0 (31/12/25 23:58:00)] was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).',
        StateChangeTime: '2026-01-01T00:03:00.000+0000',
        Region: 'Asia Pacific (Seoul)',
        AlarmArn: definition.arn,
        OldStateValue: 'OK',
        OKActions: [],
        AlarmActions: [TOPIC_ARN],
        InsufficientDataActions: [],
        Trigger: {
          MetricName: 'FailedPipelineExecutions',
          Namespace: 'AWS/CodePipeline',
          StatisticType: 'Statistic',
          Statistic: 'SUM',
          Unit: null,
          Dimensions: [{ value: 'api', name: 'PipelineName' }],
          Period: 300,
          EvaluationPeriods: 1,
          DatapointsToAlarm: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          Threshold: 1,
          TreatMissingData: 'notBreaching',
          EvaluateLowSampleCountPercentile: '',
        },
      }),
    );
  });

  test('people read sentences', async () => {
    const { definition, change: alarmed } = await change();

    expect(alarmEmailText(definition, alarmed)).toMatch(
      /^You are receiving this email because your Amazon CloudWatch Alarm "pipeline-failed" in the Asia Pacific \(Seoul\) region has entered the ALARM state, because "Threshold Crossed: .*" at "Thursday 01 January, 2026 00:03:00 UTC"\./,
    );
  });
});

describe('metrics of the services', () => {
  const loadBalancerArn =
    'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:loadbalancer/app/api/50dc6c495c0c9188';
  const targetGroupArn =
    'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/api/73e2d6bc24d8a067';
  const alb = (MetricName: string, group: boolean, more: Record<string, unknown> = {}) => ({
    Namespace: 'AWS/ApplicationELB',
    MetricName,
    Dimensions: [
      { Name: 'LoadBalancer', Value: 'app/api/50dc6c495c0c9188' },
      ...(group ? [{ Name: 'TargetGroup', Value: 'targetgroup/api/73e2d6bc24d8a067' }] : []),
    ],
    Period: 60,
    ...more,
  });
  const request = (status: number, targetStatus: number | undefined) => ({
    time: '2026-01-01T00:00:00.000Z',
    traceRoot: '1-2-3',
    method: 'GET',
    path: '/',
    status,
    ...(targetStatus !== undefined && { targetStatus, target: '10.0.1.17:3000', targetGroupArn }),
    loadBalancerArn,
    durationMs: 9000,
    targetResponseMs: 1500,
    bytes: 1,
  });

  test.each([
    ['HTTPCode_Target_5XX_Count', true, 500, 500, 'ALARM'],
    ['HTTPCode_Target_5XX_Count', true, 200, 200, 'OK'],
    ['HTTPCode_ELB_5XX_Count', false, 502, undefined, 'ALARM'],
    ['HTTPCode_ELB_502_Count', false, 502, undefined, 'ALARM'],
    ['HTTPCode_ELB_5XX_Count', false, 500, 500, 'OK'],
    ['RequestCount', false, 200, 200, 'ALARM'],
    ['RequestCount', false, 503, undefined, 'OK'],
  ])('%s (group: %s) after an answer %d of a target’s %s: %s', async (...row) => {
    const [metric, group, status, targetStatus, expected] = row;
    const { notifications, clock } = start(alb(metric, group));
    notifications.recordRequest(request(status, targetStatus));
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe(expected);
  });

  test('response times are seconds, and have percentiles', async () => {
    const { notifications, clock } = start(
      alb('TargetResponseTime', true, {
        Statistic: undefined,
        ExtendedStatistic: 'p99',
        Threshold: 1.5,
      }),
    );
    notifications.recordRequest(request(200, 200));
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
  });

  test('hosts that are healthy and unhealthy are counted every minute', async () => {
    const listener = deployedResource('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: loadBalancerArn,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    });
    const alarm = pipelineAlarm(alb('UnHealthyHostCount', true, { Statistic: 'Minimum' }));
    const { stream, clock, notifications } = startNotifications(directory, [listener, alarm]);
    close = () => notifications.close();
    const health = (state: 'healthy' | 'unhealthy' | 'draining') =>
      stream.emit({
        kind: 'target-health',
        time: '',
        targetGroup: targetGroupArn,
        target: '10.0.1.17:3000',
        state,
      });

    health('healthy');
    await clock.advance(MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('OK');
    health('unhealthy');
    await clock.advance(3 * MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
    health('draining');
    await clock.advance(3 * MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('OK');
  });

  test.each([
    ['PRE_BUILD', 'PreBuildDuration', 'ALARM'],
    ['DOWNLOAD_SOURCE', 'DownloadSourceDuration', 'ALARM'],
    ['BUILD', 'PreBuildDuration', 'OK'],
  ])(
    'the phase %s of a build lasts as long as %s says: %s',
    async (phase, MetricName, expected) => {
      const { stream, clock, notifications } = start({
        Namespace: 'AWS/CodeBuild',
        MetricName,
        Dimensions: [{ Name: 'ProjectName', Value: 'api-build' }],
        Statistic: 'Average',
        Threshold: 42,
      });
      stream.emit({
        kind: 'aws',
        source: 'aws.codebuild',
        'detail-type': 'CodeBuild Build Phase Change',
        account: '000000000000',
        region: 'ap-northeast-2',
        time: new Date(clock.now()).toISOString(),
        resources: [],
        detail: {
          'project-name': 'api-build',
          'completed-phase': phase,
          'completed-phase-duration-seconds': 42,
        },
      });
      await clock.advance(MINUTE);

      expect(notifications.stateOf('pipeline-failed')).toBe(expected);
    },
  );

  test.each([
    ['SUCCEEDED', 'SucceededBuilds', 'ALARM'],
    ['FAILED', 'FailedBuilds', 'ALARM'],
    ['TIMED_OUT', 'FailedBuilds', 'ALARM'],
    ['SUCCEEDED', 'FailedBuilds', 'OK'],
  ])('a build that ends %s counts for %s: %s', async (status, MetricName, expected) => {
    const { stream, clock, notifications } = start({
      Namespace: 'AWS/CodeBuild',
      MetricName,
      Dimensions: [{ Name: 'ProjectName', Value: 'api-build' }],
    });
    const build = (state: string) =>
      stream.emit({
        kind: 'aws',
        source: 'aws.codebuild',
        'detail-type': 'CodeBuild Build State Change',
        account: '000000000000',
        region: 'ap-northeast-2',
        time: new Date(clock.now()).toISOString(),
        resources: [],
        detail: { 'build-id': 'b-1', 'project-name': 'api-build', 'build-status': state },
      });

    build('IN_PROGRESS');
    build(status);
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe(expected);
  });
});

describe('an alarm whose source publishes nothing', () => {
  const silent = (alarm: Record<string, unknown>, type?: string) =>
    start(alarm, type).notifications.silentAlarms;
  const insights = {
    Namespace: 'ECS/ContainerInsights',
    MetricName: 'RunningTaskCount',
    Dimensions: [
      { Name: 'ClusterName', Value: 'shop' },
      { Name: 'ServiceName', Value: 'api-service' },
    ],
    ComparisonOperator: 'LessThanThreshold',
    Statistic: 'Minimum',
    Period: 60,
  };
  const cluster = (value: string) =>
    deployedResource(
      'AWS::ECS::Cluster',
      { ClusterSettings: [{ Name: 'containerInsights', Value: value }] },
      { physicalId: 'shop', name: 'shop', attributes: { Arn: 'arn:aws:ecs:r:a:cluster/shop' } },
    );
  const service = deployedResource('AWS::ECS::Service', {}, { name: 'api-service' });

  test('a pipeline that no stack has is named', () => {
    const Dimensions = [{ Name: 'PipelineName', Value: 'apii' }];

    expect(silent({ Dimensions })).toMatchObject([
      { publishedOnAws: 'perhaps', reason: expect.stringContaining("PipelineName 'apii'") },
    ]);
  });

  test('a pipeline of type V1 is named', () => {
    expect(silent({}, 'V1')).toMatchObject([
      { publishedOnAws: 'nobody', reason: expect.stringContaining('type V2 only') },
    ]);
  });

  test('a cluster without Container Insights is named, and one that has it publishes task counts', async () => {
    const playing = (value: string) => {
      const resources = [cluster(value), service, pipelineAlarm(insights)];
      const started = startNotifications(directory, resources, () => [
        {
          serviceName: 'api-service',
          clusterArn: 'arn:aws:ecs:r:a:cluster/shop',
          desiredCount: 2,
          runningCount: 0,
          pendingCount: 2,
          deployments: [{}],
        },
      ]);
      close = () => started.notifications.close();
      return started;
    };

    const off = playing('disabled');
    expect(off.notifications.silentAlarms).toMatchObject([{ publishedOnAws: 'nobody' }]);
    off.notifications.close();

    const { clock, notifications } = playing('enhanced');
    await clock.advance(2 * MINUTE);
    expect(notifications.silentAlarms).toEqual([]);
    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
  });
});

describe('time', () => {
  test('an alarm with a period of ten seconds is evaluated every ten seconds', async () => {
    const { execution, clock, notifications } = start({ Period: 10 });
    execution('FAILED');
    await clock.advance(10_000);

    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
  });

  test('lack of data has actions of its own', async () => {
    const { execution, clock, notifications } = start({
      TreatMissingData: 'missing',
      InsufficientDataActions: [TOPIC_ARN],
      AlarmActions: [],
      Period: 60,
    });
    execution('FAILED');
    await clock.advance(10 * MINUTE);

    expect(notifications.mail.map(({ subject }) => subject)).toEqual([
      'INSUFFICIENT_DATA: "pipeline-failed" in Asia Pacific (Seoul)',
    ]);
  });

  test('with --speed 10 a period of a minute takes six seconds, and messages tell true times', () => {
    let now = 1000;
    const time = new AwsTime({ now: () => now, speed: 10 });
    now += 6000;

    expect(time.now()).toBe(61_000);
    expect(time.trueTime(time.now())).toBe(7000);
  });
});
