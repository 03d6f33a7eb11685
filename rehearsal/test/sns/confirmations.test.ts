import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { AccessControl } from '../../src/iam/access-control';
import { EmailOutbox } from '../../src/sns/email-outbox';
import { Topics } from '../../src/sns/topics';
import { Queues } from '../../src/sqs/queues';
import { ManualClock } from '../_helpers/manual-clock';
import {
  bothPublishers,
  emailTo,
  RULE_ARN,
  topic,
  TOPIC_ARN,
} from '../_helpers/notification-stack';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const DAY = 24 * 60 * 60_000;

/** A topic whose subscriber does not open any link by itself. */
function start(protocol = 'email') {
  const clock = new ManualClock();
  const { stream, events } = recordingEvents();
  const resources = [topic(), bothPublishers(), emailTo('dev@example.com', { Protocol: protocol })];
  const stacks = new DeployedStacks([
    {
      id: 'TestStack',
      name: 'TestStack',
      account: '000000000000',
      region: 'ap-northeast-2',
      outputs: {},
      exports: {},
      resources,
    },
  ]);
  const outbox = new EmailOutbox(directory);
  outbox.open();
  const authorizer = new AccessControl(stacks);
  const topics = new Topics(stacks, {
    ...{ clock, events: stream, outbox, authorizer, confirmAtOnce: false },
    queues: new Queues(stacks, { clock, events: stream, authorizer }),
  });
  const publish = () =>
    topics.publish(
      TOPIC_ARN,
      { message: 'released' },
      {
        kind: 'service',
        service: 'events.amazonaws.com',
        sourceArn: RULE_ARN,
      },
    );
  const [file = ''] = readdirSync(join(directory, 'mail'));
  // Quoted-printable: soft line breaks end in =, and = itself is =3D.
  const text = readFileSync(join(directory, 'mail', file), 'utf8')
    .replaceAll('=\r\n', '')
    .replaceAll('=3D', '=');
  const token = /Token(?:=|":")(\w+)/.exec(text)?.[1] ?? '';
  return { topics, publish, clock, events, file, text, token };
}

describe('a subscription', () => {
  test('is pending until the link of its first mail is opened', () => {
    const { topics, publish, events, file, text, token } = start();
    expect(file).toBe('01-AWS-Notification-Subscription-Confirmation.eml');
    expect(text).toContain(`You have chosen to subscribe to the topic:\r\n${TOPIC_ARN}`);

    publish();
    expect(events).toEqual([]);

    topics.confirmSubscription(token);
    publish();
    expect(events).toMatchObject([{ kind: 'mail', to: 'dev@example.com' }]);
  });

  test('of email-json is asked by JSON', () => {
    const { topics, publish, events, text, token } = start('email-json');
    expect(text).toContain('"Type":"SubscriptionConfirmation"');

    topics.confirmSubscription(token);
    publish();
    expect(events).toHaveLength(1);
  });

  test('is lost when nobody opens the link within two days', async () => {
    const { topics, clock, token } = start();
    await clock.advance(2 * DAY + 1);

    expect(() => topics.confirmSubscription(token)).toThrow('Invalid parameter: Token');
  });

  test('is not confirmed by a link of somebody’s own making', () => {
    const { topics } = start();

    expect(() => topics.confirmSubscription('0'.repeat(64))).toThrow('Invalid parameter: Token');
  });
});
