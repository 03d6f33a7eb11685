import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import { deployedResource } from '../_helpers/deployed-resource';
import {
  bothPublishers,
  emailTo,
  executionEvent,
  pipeline,
  pipelineAlarm,
  roleFor,
  startNotifications,
  topic,
  TOPIC_ARN,
} from '../_helpers/notification-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const MINUTE = 60_000;
const GROUP = '/aws/events/releases';
const GROUP_ARN = `arn:aws:logs:ap-northeast-2:000000000000:log-group:${GROUP}`;
const ROLE = 'arn:aws:iam::000000000000:role/events';
let close: () => void = () => undefined;
afterEach(() => close());

const logGroup = () =>
  deployedResource(
    'AWS::Logs::LogGroup',
    { LogGroupName: GROUP },
    {
      physicalId: GROUP,
      name: GROUP,
      logicalId: 'Releases',
      attributes: { Arn: `${GROUP_ARN}:*` },
    },
  );

const logsPolicy = (resource = `${GROUP_ARN}:*`, statement: Record<string, unknown> = {}) =>
  deployedResource('AWS::Logs::ResourcePolicy', {
    PolicyName: 'events',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: resource,
          ...statement,
        },
      ],
    }),
  });

const ruleToLogs = (target: Record<string, unknown> = {}) =>
  deployedResource(
    'AWS::Events::Rule',
    {
      EventPattern: { source: ['aws.codepipeline'], detail: { state: ['FAILED', 'SUCCEEDED'] } },
      Targets: [{ Id: 'Target0', Arn: GROUP_ARN, ...target }],
    },
    {
      logicalId: 'Rule',
      name: 'releases',
      attributes: { Arn: 'arn:aws:events:r:0:rule/releases' },
    },
  );

const filter = (pattern: string, transformation: Record<string, unknown>, group = GROUP) =>
  deployedResource(
    'AWS::Logs::MetricFilter',
    {
      LogGroupName: group,
      FilterPattern: pattern,
      MetricTransformations: [
        { MetricNamespace: 'Releases', MetricName: 'Failed', MetricValue: '1', ...transformation },
      ],
    },
    { logicalId: 'Filter' },
  );
const failures = () => filter('{ $.detail.state = "FAILED" }', {});
const successes = () => filter('{ $.detail.state = "SUCCEEDED" }', { MetricValue: '0' });

/** Stays red until a release succeeds. */
const stickyAlarm = (properties: Record<string, unknown> = {}) =>
  pipelineAlarm({
    Namespace: 'Releases',
    MetricName: 'Failed',
    Dimensions: [],
    Statistic: 'Maximum',
    Period: 60,
    TreatMissingData: 'ignore',
    OKActions: [TOPIC_ARN],
    ...properties,
  });

function start(...resources: readonly DeployedResource[]) {
  const base = [pipeline(), topic(), bothPublishers(), emailTo('dev@example.com')];
  const started = startNotifications(directory, [...base, ...resources]);
  close = () => started.notifications.close();
  const { events, notifications } = started;
  const logged = () =>
    events.flatMap((event) => (event.kind === 'log' ? [JSON.parse(event.message) as unknown] : []));
  const subjects = () => notifications.mail.map(({ subject }) => subject.slice(0, 5));
  return { ...started, logged, subjects };
}

describe('a log group as the target of a rule', () => {
  test('keeps the event as EventBridge delivers it', () => {
    const { execution, logged, notifications } = start(logGroup(), logsPolicy(), ruleToLogs());

    execution('FAILED');

    expect(logged()).toMatchObject([{ source: 'aws.codepipeline', detail: { state: 'FAILED' } }]);
    expect(notifications.undelivered).toEqual([]);
  });

  test('keeps the message alone where a transformer makes it', () => {
    const { execution, events } = start(
      logGroup(),
      logsPolicy(),
      ruleToLogs({
        InputTransformer: {
          InputPathsMap: { time: '$.time', state: '$.detail.state' },
          InputTemplate: '{"timestamp":<time>,"message":"it is <state>"}',
        },
      }),
    );

    execution('FAILED');

    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'log', group: GROUP, message: 'it is FAILED' }),
    );
  });

  test.each<[string, DeployedResource[], string]>([
    ['no policy', [logGroup(), ruleToLogs()], 'logs:CreateLogStream'],
    [
      'a policy for other groups',
      [logGroup(), logsPolicy(GROUP_ARN.replace('releases', 'others:*')), ruleToLogs()],
      'logs:CreateLogStream',
    ],
    ['no such group', [logsPolicy(), ruleToLogs()], 'does not exist'],
    [
      'a role, which EventBridge does not use for logs',
      [
        logGroup(),
        logsPolicy(),
        ruleToLogs({ RoleArn: ROLE }),
        roleFor(ROLE, 'events.amazonaws.com'),
      ],
      'leave the RoleArn',
    ],
    [
      'a transformer that makes something else',
      [
        logGroup(),
        logsPolicy(),
        ruleToLogs({
          InputTransformer: { InputPathsMap: {}, InputTemplate: '{"state": "FAILED"}' },
        }),
      ],
      'takes only {"timestamp"',
    ],
  ])('gets nothing with %s, and the report says why', (_, resources, reason) => {
    const { execution, logged, notifications } = start(...resources);

    execution('FAILED');

    expect(logged()).toEqual([]);
    expect(notifications.undelivered).toMatchObject([
      { target: GROUP_ARN, reason: expect.stringContaining(reason) },
    ]);
  });
});

describe('a metric filter', () => {
  test('makes the metric of an alarm that stays red until a release succeeds', async () => {
    const { execution, clock, notifications, subjects, unproven } = start(
      ...[logGroup(), logsPolicy(), ruleToLogs(), failures(), successes(), stickyAlarm()],
    );
    expect(notifications.silentAlarms).toEqual([]);
    expect(unproven().join()).not.toContain("alarm 'Alarm'");

    execution('FAILED');
    await clock.advance(20 * MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
    expect(subjects()).toEqual(['ALARM']);

    execution('SUCCEEDED');
    await clock.advance(MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('OK');
    expect(subjects()).toEqual(['ALARM', 'OK: "']);

    execution('SUCCEEDED');
    await clock.advance(20 * MINUTE);
    expect(notifications.mail).toHaveLength(2);
  });

  test('counts lines that a container wrote, and its default value where a line is another', async () => {
    const group = '/ecs/api';
    const errors = filter('?ERROR ?Error', { MetricName: 'Errors', DefaultValue: '0' }, group);
    const { stream, clock, notifications } = start(
      errors,
      stickyAlarm({ MetricName: 'Errors', Statistic: 'Sum', Threshold: 2 }),
    );
    const write = (message: string) =>
      stream.emit({ kind: 'log', time: '', group, stream: 's', message });

    write('listening');
    await clock.advance(MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('OK');

    ['Error: no', 'fine', 'ERROR'].forEach(write);
    await clock.advance(MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
  });

  test('publishes a field of the event, with other fields as dimensions', async () => {
    const duration = filter('{ $.detail.pipeline = * }', {
      MetricName: 'Version',
      MetricValue: '$.detail.version',
      Dimensions: [{ Key: 'Pipeline', Value: '$.detail.pipeline' }],
    });
    const { stream, clock, notifications } = start(
      ...[logGroup(), logsPolicy(), ruleToLogs(), duration],
      stickyAlarm({
        MetricName: 'Version',
        Dimensions: [{ Name: 'Pipeline', Value: 'api' }],
        Threshold: 7,
      }),
    );
    const event = executionEvent('FAILED', clock.now());
    stream.emit({ ...event, detail: { ...event.detail, version: 7 } });
    await clock.advance(MINUTE);

    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
  });

  test('an alarm on other dimensions than its own never has data, and is named', () => {
    const { notifications } = start(
      failures(),
      stickyAlarm({ Dimensions: [{ Name: 'Pipeline', Value: 'api' }] }),
    );

    expect(notifications.silentAlarms).toMatchObject([
      {
        publishedOnAws: 'nobody',
        reason: expect.stringContaining('published by a metric filter with the dimensions none'),
      },
    ]);
  });

  test('publishes a field between spaces, with another as dimension', async () => {
    const group = '/ecs/api';
    const slow = filter(
      '[method, path, status = %^5[0-9]{2}$%, duration > 100]',
      {
        MetricName: 'Slow',
        MetricValue: '$duration',
        Dimensions: [{ Key: 'Status', Value: '$status' }],
      },
      group,
    );
    const { stream, clock, notifications } = start(
      slow,
      stickyAlarm({
        MetricName: 'Slow',
        Dimensions: [{ Name: 'Status', Value: '503' }],
        Threshold: 400,
      }),
    );
    const write = (message: string) =>
      stream.emit({ kind: 'log', time: '', group, stream: 's', message });

    ['GET / 503 399', 'GET / 200 900', 'GET / 500 900', 'GET / 503 900 more'].forEach(write);
    await clock.advance(MINUTE);
    expect(notifications.stateOf('pipeline-failed')).not.toBe('ALARM');

    write('GET / 503 400');
    await clock.advance(MINUTE);
    expect(notifications.stateOf('pipeline-failed')).toBe('ALARM');
  });

  test.each([
    [{ MetricNamespace: 'AWS/ECS' }, 'does not begin with AWS/'],
    [{ MetricValue: 'one' }, 'a number, or a selector'],
    [{ DefaultValue: 0, Dimensions: [{ Key: 'A', Value: '$.a' }] }, 'no DefaultValue'],
  ])('%j is refused', (transformation, reason) => {
    expect(() => start(filter('{ $.a = 1 }', transformation))).toThrow(reason);
  });
});
