import {
  emailTo,
  failedRule,
  pipelineAlarm,
  RULE_ARN,
  startNotifications,
  topic,
} from '../_helpers/notification-stack';
import { queue, queueArn, queuePolicy } from '../_helpers/queue-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const MINUTE = 60_000;
let close: () => void = () => undefined;
afterEach(() => close());

/** A rule that may not publish, its dead-letter queue, and an alarm on that queue. */
function start(alarm: Record<string, unknown>) {
  const started = startNotifications(directory, [
    topic(),
    emailTo('dev@example.com'),
    failedRule({}, { DeadLetterConfig: { Arn: queueArn('lost') } }),
    ...[queue('lost'), queuePolicy('lost', 'events.amazonaws.com', RULE_ARN)],
    pipelineAlarm({
      Namespace: 'AWS/SQS',
      Dimensions: [{ Name: 'QueueName', Value: 'lost' }],
      Period: 60,
      ...alarm,
    }),
  ]);
  close = () => started.notifications.close();
  const state = () => started.notifications.stateOf('pipeline-failed');
  return { ...started, state };
}

test('a dead letter raises the alarm on its queue, which stays red while nobody receives it', async () => {
  const { execution, clock, notifications, state } = start({
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Statistic: 'Maximum',
  });
  await clock.advance(MINUTE);
  expect(state()).toBe('OK');

  execution('FAILED');
  await clock.advance(2 * MINUTE);
  expect(state()).toBe('ALARM');
  expect(notifications.mail).toHaveLength(1);

  await clock.advance(10 * MINUTE);
  expect(state()).toBe('ALARM');
});

test('messages that are sent are counted in the minute in which they came', async () => {
  const { execution, clock, state } = start({ MetricName: 'NumberOfMessagesSent' });
  execution('FAILED');
  await clock.advance(2 * MINUTE);
  expect(state()).toBe('ALARM');

  await clock.advance(5 * MINUTE);
  expect(state()).toBe('OK');
});

test('what receivers do is not measured here, and an alarm on it is named', () => {
  const { notifications } = start({ MetricName: 'NumberOfMessagesReceived' });

  expect(notifications.silentAlarms).toMatchObject([{ publishedOnAws: 'yes' }]);
});
