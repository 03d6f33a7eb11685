import { parseSchedule } from '../../src/eventbridge/schedule';
import { deployedResource } from '../_helpers/deployed-resource';
import {
  bothPublishers,
  emailTo,
  startNotifications,
  topic,
  TOPIC_ARN,
} from '../_helpers/notification-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const MINUTE = 60_000;
const FROM = Date.UTC(2026, 0, 1, 9, 7, 30);

/** The next three runs */
function runs(expression: string, from = FROM): string[] {
  const schedule = parseSchedule(expression, 'a rule');
  const times: string[] = [];
  for (let after = from; times.length < 3;) {
    const next = schedule.next(after, from);
    if (next === undefined) break;
    times.push(new Date(next).toISOString().slice(0, 16));
    after = next;
  }
  return times;
}

describe('a schedule', () => {
  test.each([
    ['rate(1 minute)', ['2026-01-01T09:08', '2026-01-01T09:09', '2026-01-01T09:10']],
    ['rate(12 hours)', ['2026-01-01T21:07', '2026-01-02T09:07', '2026-01-02T21:07']],
    ['cron(0 10 * * ? *)', ['2026-01-01T10:00', '2026-01-02T10:00', '2026-01-03T10:00']],
    ['cron(5,35 14 * * ? *)', ['2026-01-01T14:05', '2026-01-01T14:35', '2026-01-02T14:05']],
    ['cron(0/15 * * * ? *)', ['2026-01-01T09:15', '2026-01-01T09:30', '2026-01-01T09:45']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-01-01T18:00', '2026-01-02T18:00', '2026-01-05T18:00']],
    ['cron(0 8 1 * ? *)', ['2026-02-01T08:00', '2026-03-01T08:00', '2026-04-01T08:00']],
    ['cron(0/30 20-2 ? * MON-FRI *)', ['2026-01-01T20:00', '2026-01-01T20:30', '2026-01-01T21:00']],
    ['cron(0 0 L * ? *)', ['2026-01-31T00:00', '2026-02-28T00:00', '2026-03-31T00:00']],
    ['cron(15 10 ? * 6L *)', ['2026-01-30T10:15', '2026-02-27T10:15', '2026-03-27T10:15']],
    ['cron(0 0 ? * 3#2 *)', ['2026-01-13T00:00', '2026-02-10T00:00', '2026-03-10T00:00']],
    ['cron(0 0 1W 2,3,8 ? *)', ['2026-02-02T00:00', '2026-03-02T00:00', '2026-08-03T00:00']],
    ['cron(0 0 29 2 ? 2026-2028)', ['2028-02-29T00:00']],
    ['cron(0 0 1 1 ? 2020)', []],
  ])('%s runs at %j', (expression, expected) => {
    expect(runs(expression)).toEqual(expected);
  });

  test.each([
    ['rate(5 minute)', 'after 1 it is minute'],
    ['rate(1 minutes)', 'after 1 it is minute'],
    ['rate(0 minutes)', 'rate takes a number'],
    ['rate(5 seconds)', 'rate takes a number'],
    ['cron(0 12 * * *)', 'six fields, got 5'],
    ['cron(0 12 * * * *)', 'must be ?'],
    ['cron(61 12 * * ? *)', 'minutes takes 0 to 59'],
    ['cron(0 12 ? FOO MON *)', 'month takes 1 to 12 or JAN to DEC'],
    ['cron(0/0 12 * * ? *)', 'minutes takes'],
    ['at(2026-01-01T00:00:00)', 'expected rate'],
  ])('%s is refused', (expression, reason) => {
    expect(() => parseSchedule(expression, "AWS::Events::Rule 'Nightly'")).toThrow(reason);
    expect(() => parseSchedule(expression, "AWS::Events::Rule 'Nightly'")).toThrow(
      "AWS::Events::Rule 'Nightly': Parameter ScheduleExpression is not valid",
    );
  });
});

describe('a rule with a schedule', () => {
  const rule = (properties: Record<string, unknown> = {}) =>
    deployedResource(
      'AWS::Events::Rule',
      {
        ScheduleExpression: 'rate(5 minutes)',
        Targets: [{ Id: 'Target0', Arn: TOPIC_ARN }],
        ...properties,
      },
      { logicalId: 'Nightly', name: 'nightly', attributes: { Arn: 'arn:aws:events:::rule/n' } },
    );
  const start = (properties?: Record<string, unknown>) =>
    startNotifications(directory, [
      ...[topic(), bothPublishers(), emailTo('dev@example.com')],
      rule(properties),
    ]);

  test('calls its targets with a Scheduled Event whenever its time comes', async () => {
    const { notifications, clock, unproven } = start();
    await clock.advance(4 * MINUTE);
    expect(notifications.mail).toEqual([]);

    await clock.advance(11 * MINUTE);
    notifications.close();
    await clock.advance(60 * MINUTE);

    expect(notifications.mail).toHaveLength(3);
    expect(notifications.mail[0]?.body).toContain('"detail-type":"Scheduled Event"');
    expect(notifications.mail[0]?.body).toContain('"time":"2026-01-01T00:05:00Z"');
    expect(notifications.rules).toMatchObject([{ logicalId: 'Nightly', matched: 3 }]);
    expect(unproven().join()).not.toContain('schedule');
  });

  test('does nothing when it is disabled', async () => {
    const { notifications, clock } = start({ State: 'DISABLED' });
    await clock.advance(60 * MINUTE);
    notifications.close();

    expect(notifications.mail).toEqual([]);
  });

  test('is refused on another bus than the default one', () => {
    expect(() => start({ EventBusName: 'orders' })).toThrow('only on the default event bus');
  });
});
