import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import { failedRule, keyFor, RULE_ARN, startNotifications } from '../_helpers/notification-stack';
import { queue, queueArn, queuePolicy } from '../_helpers/queue-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
const MINUTE = 60_000;
let close: () => void = () => undefined;
afterEach(() => close());

function start(...resources: readonly DeployedResource[]) {
  const started = startNotifications(directory, resources);
  close = () => started.notifications.close();
  const bodies = () => started.notifications.queues[0]?.messages.map(({ body }) => body);
  const refusal = () => started.notifications.undelivered[0]?.reason;
  return { ...started, bodies, refusal };
}

const toQueue = (target: Record<string, unknown> = {}) =>
  failedRule({}, { Arn: queueArn('releases'), InputTransformer: undefined, ...target });
const forRule = (arn = RULE_ARN) => queuePolicy('releases', 'events.amazonaws.com', arn);

describe('a queue as the target of a rule', () => {
  test('gets the event when its policy lets the rule send', () => {
    const { execution, bodies } = start(toQueue(), queue('releases'), forRule());
    execution('FAILED');

    expect(bodies()!.map((body) => JSON.parse(body) as unknown)).toMatchObject([
      { source: 'aws.codepipeline', detail: { state: 'FAILED' } },
    ]);
  });

  test('gets what the input settings of the target make of it', () => {
    const { execution, bodies } = start(
      toQueue({ InputPath: '$.detail.state' }),
      queue('releases'),
      forRule(),
    );
    execution('FAILED');

    expect(bodies()).toEqual(['"FAILED"']);
  });

  test.each([
    ['for another rule', [forRule(`${RULE_ARN}-2`)], 'no resource-based policy allows'],
    ['that is missing', [], 'no resource-based policy allows the sqs:SendMessage'],
  ])('gets nothing with a policy %s, and the reason is known', (_, policies, text) => {
    const { execution, bodies, refusal } = start(toQueue(), queue('releases'), ...policies);
    execution('FAILED');

    expect(bodies()).toEqual([]);
    expect(refusal()).toContain(text);
  });

  test('that no stack defines gets nothing either', () => {
    const { execution, refusal } = start(toQueue());
    execution('FAILED');

    expect(refusal()).toBe(
      `the queue ${queueArn('releases')} does not exist in the deployed stacks`,
    );
  });
});

describe('an encrypted queue', () => {
  const encrypted = (keyId: string, ...keys: readonly DeployedResource[]) => {
    const started = start(
      toQueue(),
      queue('releases', { KmsMasterKeyId: keyId }),
      forRule(),
      ...keys,
    );
    started.execution('FAILED');
    return started;
  };

  test('takes events when the policy of its key lets EventBridge in', () => {
    expect(encrypted('k-1', keyFor('events.amazonaws.com')).bodies()).toHaveLength(1);
  });

  test.each([
    ['whose policy forgets EventBridge', 'k-1', 'kms:Decrypt'],
    ['that AWS manages', 'alias/aws/sqs', 'alias/aws/sqs'],
  ])('takes none with a key %s', (_, keyId, text) => {
    const { bodies, refusal } = encrypted(keyId, keyFor('sns.amazonaws.com'));
    expect(bodies()).toEqual([]);
    expect(refusal()).toMatch(/^the queue is encrypted: /);
    expect(refusal()).toContain(text);
  });

  test('needs no key policy where SQS encrypts with a key of its own', () => {
    const own = queue('releases', { SqsManagedSseEnabled: true });
    const { execution, bodies } = start(toQueue(), own, forRule());
    execution('FAILED');
    expect(bodies()).toHaveLength(1);
  });
});

describe('a FIFO queue', () => {
  const fifo = (properties: Record<string, unknown>, target: Record<string, unknown>) =>
    start(toQueue(target), queue('releases', { FifoQueue: true, ...properties }), forRule());
  const group = { SqsParameters: { MessageGroupId: 'releases' } };

  test('keeps the message group that the rule names', () => {
    const { execution, notifications } = fifo({ ContentBasedDeduplication: true }, group);
    execution('FAILED');

    expect(notifications.queues[0]?.messages).toMatchObject([{ groupId: 'releases' }]);
  });

  test.each([
    ['a message group', { ContentBasedDeduplication: true }, {}, 'parameter MessageGroupId'],
    ['content-based deduplication', {}, group, 'ContentBasedDeduplication enabled'],
  ])('takes no event of a rule without %s', (_, properties, target, text) => {
    const { execution, bodies, refusal } = fifo(properties, target);
    execution('FAILED');

    expect(bodies()).toEqual([]);
    expect(refusal()).toContain(text);
  });

  test('keeps only the first of equal messages within five minutes', async () => {
    const constant = { ...group, Input: '"failed"' };
    const { execution, bodies, clock } = fifo({ ContentBasedDeduplication: true }, constant);
    execution('FAILED');
    await clock.advance(4 * MINUTE);
    execution('FAILED');
    expect(bodies()).toEqual(['"failed"']);

    await clock.advance(MINUTE);
    execution('FAILED');
    expect(bodies()).toEqual(['"failed"', '"failed"']);
  });
});
