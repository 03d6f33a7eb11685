import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import {
  bothPublishers,
  emailTo,
  failedRule,
  keyFor,
  startNotifications,
  topic,
  TOPIC_ARN,
} from '../_helpers/notification-stack';
import { queue, queueArn, queuePolicy } from '../_helpers/queue-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
let close: () => void = () => undefined;
afterEach(() => close());

/** A failed execution, told to a topic to which a queue has subscribed. */
function fail(subscription: Record<string, unknown>, ...resources: readonly DeployedResource[]) {
  const started = startNotifications(directory, [
    topic(),
    bothPublishers(),
    failedRule(),
    emailTo(queueArn('inbox'), { Protocol: 'sqs', ...subscription }),
    ...resources,
  ]);
  close = () => started.notifications.close();
  started.execution('FAILED');
  const messages = (name: string) =>
    started.notifications.queues.find((one) => one.name === name)?.messages ?? [];
  return { ...started, messages, undelivered: started.notifications.undelivered };
}

const inbox = () => [queue('inbox'), queuePolicy('inbox', 'sns.amazonaws.com', TOPIC_ARN)];

test('a queue gets the notification as JSON, and nobody has to confirm', () => {
  const { messages, notifications, unproven } = fail({}, ...inbox());

  expect(messages('inbox').map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
    { Type: 'Notification', TopicArn: TOPIC_ARN, Message: '"Release failed: pipeline api."' },
  ]);
  expect(notifications.mail).toEqual([]);
  expect(unproven()).toEqual([]);
});

test('with RawMessageDelivery it gets the message alone', () => {
  const { messages } = fail({ RawMessageDelivery: true }, ...inbox());

  expect(messages('inbox')).toMatchObject([{ body: '"Release failed: pipeline api."' }]);
});

test('a filter keeps from it what it does not want', () => {
  const { messages } = fail({ FilterPolicy: { state: ['SUCCEEDED'] } }, ...inbox());

  expect(messages('inbox')).toEqual([]);
});

describe('a queue that the topic may not send to', () => {
  test('gets nothing, and the report says why', () => {
    const { messages, undelivered } = fail({}, queue('inbox'));

    expect(messages('inbox')).toEqual([]);
    expect(undelivered).toMatchObject([
      {
        target: queueArn('inbox'),
        publisher: 'sns.amazonaws.com',
        sourceArn: TOPIC_ARN,
        reason: expect.stringContaining('sqs:SendMessage') as string,
      },
    ]);
  });

  test('gets nothing either when it is encrypted and the key’s policy forgets SNS', () => {
    const [, policy] = inbox();
    const { undelivered } = fail(
      {},
      ...[queue('inbox', { KmsMasterKeyId: 'k-1' }), policy!, keyFor('events.amazonaws.com')],
    );

    expect(undelivered[0]?.reason).toMatch(/^the queue is encrypted: .*sns\.amazonaws\.com/);
  });

  test.each(['JSON', 'text'])(
    'leaves its messages to the dead-letter queue of the subscription, given as %s',
    (form) => {
      const policy = { deadLetterTargetArn: queueArn('lost') };
      const { messages, undelivered } = fail(
        { RedrivePolicy: form === 'text' ? JSON.stringify(policy) : policy },
        ...[queue('inbox'), queue('lost'), queuePolicy('lost', 'sns.amazonaws.com', TOPIC_ARN)],
      );

      expect(messages('lost')).toMatchObject([
        {
          body: expect.stringContaining('Release failed') as string,
          deadLetter: { source: `${TOPIC_ARN}:s-1`, target: queueArn('inbox') },
        },
      ]);
      expect(undelivered).toEqual([]);
    },
  );

  test('loses them when that queue refuses too', () => {
    const { undelivered } = fail(
      { RedrivePolicy: { deadLetterTargetArn: queueArn('lost') } },
      ...[queue('inbox'), queue('lost')],
    );

    expect(undelivered[0]?.reason).toContain('(nor did its dead-letter queue: ');
  });
});
