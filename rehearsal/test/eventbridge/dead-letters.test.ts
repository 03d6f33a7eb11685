import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import {
  failedRule,
  roleFor,
  RULE_ARN,
  startNotifications,
  topic,
  TOPIC_ARN,
} from '../_helpers/notification-stack';
import { queue, queueArn, queuePolicy } from '../_helpers/queue-stack';
import { scratchDirectory } from '../_helpers/scratch-directory';

const directory = scratchDirectory();
let close: () => void = () => undefined;
afterEach(() => close());

/** A failed execution, a rule for a topic that does not trust EventBridge, and what there is else. */
function fail(target: Record<string, unknown>, ...resources: readonly DeployedResource[]) {
  const started = startNotifications(directory, [
    topic(),
    failedRule({}, { DeadLetterConfig: { Arn: queueArn('lost') }, ...target }),
    ...resources,
  ]);
  close = () => started.notifications.close();
  started.execution('FAILED');
  const { queues, undelivered } = started.notifications;
  return { ...started, letters: queues[0]?.messages ?? [], undelivered };
}

const forRule = () => queuePolicy('lost', 'events.amazonaws.com', RULE_ARN);

test('what a target’s policy keeps out is at once in the dead-letter queue, with AWS’s attributes', () => {
  const { letters, undelivered, events } = fail({}, queue('lost'), forRule());

  expect(letters).toMatchObject([
    {
      attributes: {
        RULE_ARN,
        TARGET_ARN: TOPIC_ARN,
        ERROR_CODE: 'NO_PERMISSIONS',
        ERROR_MESSAGE: expect.stringContaining('sns:Publish') as string,
      },
      deadLetter: { source: RULE_ARN, target: TOPIC_ARN, code: 'NO_PERMISSIONS' },
    },
  ]);
  expect(undelivered).toEqual([]);
  expect(events).toContainEqual(
    expect.objectContaining({
      message: expect.stringContaining(`in the dead-letter queue ${queueArn('lost')}`) as string,
    }),
  );
});

test('a dead letter is the event itself, not what the target would have got', () => {
  const { letters } = fail({}, queue('lost'), forRule());

  expect(JSON.parse(letters[0]!.body)).toMatchObject({
    'detail-type': 'CodePipeline Pipeline Execution State Change',
    detail: { state: 'FAILED', pipeline: 'api' },
  });
});

test('when the dead-letter queue refuses too the event is lost, and both reasons are known', () => {
  const { letters, undelivered } = fail({}, queue('lost'));

  expect(letters).toEqual([]);
  expect(undelivered).toMatchObject([
    {
      target: TOPIC_ARN,
      reason: expect.stringMatching(
        /sns:Publish.*\(nor did its dead-letter queue: .*sqs:SendMessage/,
      ) as string,
    },
  ]);
});

test('a FIFO queue is no dead-letter queue of a rule', () => {
  const { undelivered } = fail({}, queue('lost', { FifoQueue: true }), forRule());

  expect(undelivered[0]?.reason).toContain('the parameter MessageGroupId');
});

test('a target that is not there is a dead letter as well', () => {
  const { letters } = fail({ Arn: `${TOPIC_ARN}-gone` }, queue('lost'), forRule());

  expect(letters).toMatchObject([{ attributes: { ERROR_CODE: 'NO_RESOURCE' } }]);
});

test('and so is a role that does not trust EventBridge', () => {
  const roleArn = 'arn:aws:iam::000000000000:role/caller';
  const { letters } = fail(
    { RoleArn: roleArn },
    queue('lost'),
    forRule(),
    roleFor(roleArn, 'lambda.amazonaws.com'),
  );

  expect(letters).toMatchObject([{ attributes: { ERROR_CODE: 'FAILED_TO_ASSUME_ROLE' } }]);
});

test.each([{ MaximumRetryAttempts: 186 }, { MaximumEventAgeInSeconds: 59 }])(
  'a retry policy outside of the limits is refused: %j',
  (RetryPolicy) => {
    expect(() => fail({ RetryPolicy })).toThrow('RetryPolicy');
  },
);
