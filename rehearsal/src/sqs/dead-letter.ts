import type { Caller } from '../iam/authorizer';
import type { DeadLetter, QueueMessage, Queues } from './queues';

/** What became of a message that its receiver did not take. */
export interface Fate {
  /** True when it is in no dead-letter queue */
  readonly lost: boolean;
  /** Why its receiver did not take it, and where it is now */
  readonly reason: string;
}

/**
 * Sends a message to the dead-letter queue of a rule's target or of a subscription, where there is
 * one, and where its policy and that of its key let the sender.
 */
export function sendDeadLetter(
  queues: Pick<Queues, 'send'>,
  queueArn: string | undefined,
  message: QueueMessage & { readonly deadLetter: DeadLetter },
  sender: Caller,
): Fate {
  const { reason } = message.deadLetter;
  if (queueArn === undefined) return { lost: true, reason };
  const refusal = queues.send(queueArn, message, sender);
  return refusal === undefined
    ? { lost: false, reason: `${reason} (it is in the dead-letter queue ${queueArn})` }
    : { lost: true, reason: `${reason} (nor did its dead-letter queue: ${refusal.reason})` };
}
