import type { Caller } from '../iam/authorizer';
import { type Fate, sendDeadLetter } from '../sqs/dead-letter';
import type { Queues } from '../sqs/queues';
import { type Notification, notificationJson } from './message';
import type { Subscription } from './topic-definition';

/**
 * Sends a notification to the queue that has subscribed. A queue whose policy, or whose key's, keeps
 * the topic out is not tried again: the message goes to the subscription's dead-letter queue.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 *
 * @returns what became of a notification that the queue did not take
 */
export function deliverToQueue(
  { arn, endpoint, raw, deadLetterArn }: Subscription,
  notification: Notification,
  queues: Pick<Queues, 'send'>,
): Fate | undefined {
  const caller = topicItself(notification.topicArn);
  const body = raw ? notification.message : notificationJson(notification);
  const refusal = queues.send(endpoint, { body }, caller);
  if (refusal === undefined) return undefined;
  const deadLetter = { ...refusal, source: arn, target: endpoint };
  return sendDeadLetter(queues, deadLetterArn, { body, deadLetter }, caller);
}

/** Who SNS is to the policies of queues. */
export function topicItself(topicArn: string): Caller & { kind: 'service' } {
  return { kind: 'service', service: 'sns.amazonaws.com', sourceArn: topicArn };
}
