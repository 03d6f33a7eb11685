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
const arnOf = (name: string) => `arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:${name}`;
let close: () => void = () => undefined;
afterEach(() => close());

/** Goes off when a build of its project fails, and is fine again when the next one succeeds. */
const buildAlarm = (name: string) => {
  const alarm = pipelineAlarm({
    AlarmName: name,
    Namespace: 'Test',
    MetricName: name,
    Dimensions: [],
    Statistic: 'Maximum',
    Period: 60,
    TreatMissingData: 'ignore',
    AlarmActions: [],
  });
  return { ...alarm, name, physicalId: name, attributes: { Arn: arnOf(name) } };
};

/** So that tests can set what an alarm sees: a line in the log `name` is its value. */
const valueFrom = (name: string) =>
  deployedResource('AWS::Logs::MetricFilter', {
    LogGroupName: name,
    FilterPattern: '{ $.value = * }',
    MetricTransformations: [{ MetricNamespace: 'Test', MetricName: name, MetricValue: '$.value' }],
  });

const composite = (name: string, rule: string, properties: Record<string, unknown> = {}) =>
  deployedResource(
    'AWS::CloudWatch::CompositeAlarm',
    {
      AlarmName: name,
      AlarmRule: rule,
      AlarmActions: [TOPIC_ARN],
      OKActions: [TOPIC_ARN],
      ...properties,
    },
    { name, physicalId: name, logicalId: 'Composite', attributes: { Arn: arnOf(name) } },
  );

async function start(...composites: readonly ReturnType<typeof composite>[]) {
  const names = ['slow', 'failing', 'deploying'];
  const started = startNotifications(directory, [
    ...[pipeline(), topic(), bothPublishers(), emailTo('dev@example.com')],
    ...names.flatMap((name) => [buildAlarm(name), valueFrom(name)]),
    ...composites,
  ]);
  const { notifications, stream, clock } = started;
  close = () => notifications.close();
  const set = (group: string, value: number) =>
    stream.emit({ kind: 'log', time: '', group, stream: 's', message: JSON.stringify({ value }) });
  names.forEach((name) => set(name, 0));
  await clock.advance(MINUTE);
  const known = notifications.mail.length;
  /** Mails since everything was fine */
  const subjects = () =>
    notifications.mail.slice(known).map(({ subject }) => subject.replace(/ in .*/, ''));
  return { ...started, set, subjects };
}

describe('a composite alarm', () => {
  test('follows the alarms that it watches, and acts once for all of them', async () => {
    const { set, clock, notifications, subjects } = await start(
      composite('api', 'ALARM(slow) OR ALARM(failing)'),
    );
    expect(notifications.stateOf('api')).toBe('OK');

    set('slow', 1);
    set('failing', 1);
    await clock.advance(MINUTE);
    expect(notifications.stateOf('api')).toBe('ALARM');

    set('slow', 0);
    await clock.advance(2 * MINUTE);
    expect(notifications.stateOf('api')).toBe('ALARM');

    set('failing', 0);
    await clock.advance(2 * MINUTE);
    expect(notifications.stateOf('api')).toBe('OK');
    expect(subjects()).toEqual(['ALARM: "api"', 'OK: "api"']);
  });

  test('says which alarm changed it, in the mail and on the event bus', async () => {
    const { set, clock, notifications, events } = await start(composite('api', 'ALARM(slow)'));

    set('slow', 1);
    await clock.advance(MINUTE);

    const reason = `${arnOf('slow')} transitioned to ALARM at `;
    expect(notifications.mail.at(-1)?.body).toContain(reason);
    expect(events).toContainEqual(
      expect.objectContaining({
        'detail-type': 'CloudWatch Alarm State Change',
        resources: [arnOf('api')],
        detail: expect.objectContaining({
          alarmName: 'api',
          state: expect.objectContaining({
            value: 'ALARM',
            reason: expect.stringContaining(reason),
          }),
          configuration: { alarmRule: 'ALARM(slow)' },
        }),
      }),
    );
  });

  test('may watch other composite alarms', async () => {
    const { set, clock, notifications } = await start(
      composite('outer', `ALARM("${arnOf('inner')}") AND NOT ALARM(deploying)`),
      composite('inner', 'ALARM(slow)'),
    );

    set('slow', 1);
    await clock.advance(MINUTE);
    expect(notifications.stateOf('outer')).toBe('ALARM');
    set('deploying', 1);
    await clock.advance(MINUTE);
    expect(notifications.stateOf('outer')).toBe('OK');
  });

  test('that depends on itself is not evaluated, and is named', async () => {
    const { notifications, unproven } = await start(
      composite('a', 'ALARM(b) OR ALARM(slow)'),
      composite('b', 'ALARM(a)'),
    );

    expect(notifications.stateOf('a')).toBe('INSUFFICIENT_DATA');
    expect(unproven().join()).toContain('depends on itself');
  });

  test('that asks for an alarm which is not there is named', async () => {
    const { unproven } = await start(composite('api', 'ALARM(fast)'));

    expect(unproven()).toContain(
      "composite alarm 'Composite' in stack 'TestStack' asks for the alarm 'fast', which no deployed stack has",
    );
  });

  test('with a rule that is not valid is refused', async () => {
    await expect(start(composite('api', 'ALARM(slow) XOR ALARM(failing)'))).rejects.toThrow(
      "AWS::CloudWatch::CompositeAlarm 'Composite' in stack 'TestStack': the AlarmRule is not valid",
    );
  });
});

describe('a suppressor', () => {
  const suppressed = () =>
    composite('api', 'ALARM(slow)', {
      ActionsSuppressor: 'deploying',
      ActionsSuppressorWaitPeriod: 120,
      ActionsSuppressorExtensionPeriod: 180,
    });

  test('keeps the alarm from acting while it is in ALARM, and for the extension period', async () => {
    const { set, clock, notifications, subjects } = await start(suppressed());
    set('deploying', 1);
    await clock.advance(MINUTE);
    set('slow', 1);
    await clock.advance(5 * MINUTE);
    expect(notifications.stateOf('api')).toBe('ALARM');
    expect(subjects()).toEqual([]);

    set('deploying', 0);
    await clock.advance(3 * MINUTE);
    expect(subjects()).toEqual([]);
    await clock.advance(2 * MINUTE);
    expect(subjects()).toEqual(['ALARM: "api"']);
  });

  test('that goes off within the wait period still suppresses', async () => {
    const { set, clock, events, subjects } = await start(suppressed());
    set('slow', 1);
    await clock.advance(MINUTE);
    set('deploying', 1);
    await clock.advance(10 * MINUTE);

    expect(subjects()).toEqual([]);
    expect(JSON.stringify(events)).toContain('"actionsSuppressedBy":"WaitPeriod"');
  });

  test('that stays calm lets the alarm act after the wait period', async () => {
    const { set, clock, subjects } = await start(suppressed());
    set('slow', 1);
    await clock.advance(2 * MINUTE);
    expect(subjects()).toEqual([]);
    await clock.advance(2 * MINUTE);

    expect(subjects()).toEqual(['ALARM: "api"']);
  });

  test('an alarm that is fine again before it may act tells nobody', async () => {
    const { set, clock, subjects } = await start(suppressed());
    set('deploying', 1);
    await clock.advance(MINUTE);
    set('slow', 1);
    await clock.advance(2 * MINUTE);
    set('slow', 0);
    await clock.advance(2 * MINUTE);
    set('deploying', 0);
    await clock.advance(10 * MINUTE);

    expect(subjects()).toEqual([]);
  });

  test('needs both periods', async () => {
    await expect(
      start(composite('api', 'ALARM(slow)', { ActionsSuppressor: 'deploying' })),
    ).rejects.toThrow('ActionsSuppressorExtensionPeriod');
  });
});
