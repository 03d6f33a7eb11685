import type { Caller } from './iam/authorizer';

/**
 * Why a target or a queue did not take a message. The codes are those of EventBridge's dead letters;
 * none of them is tried again, because trying again would not help.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export interface DeliveryRefusal {
  readonly code:
    | 'FAILED_TO_ASSUME_ROLE'
    | 'INVALID_JSON'
    | 'INVALID_PARAMETER'
    | 'NO_PERMISSIONS'
    | 'NO_RESOURCE';
  readonly reason: string;
}

/**
 * A message that its receiver did not take, and that is in no dead-letter queue. On AWS the publisher
 * hears nothing of it: it is a line in an alarm's history, or one more in the metric
 * FailedInvocations of a rule.
 */
export interface UndeliveredMessage {
  /** ARN of the topic, log group or pipeline */
  readonly target: string;
  /** ISO 8601 */
  readonly at: string;
  /** `cloudwatch.amazonaws.com`, or a role's ARN */
  readonly publisher: string;
  /** ARN of the rule or alarm */
  readonly sourceArn: string | undefined;
  readonly reason: string;
}

/** @param at ISO 8601 */
export function undelivered(
  target: string,
  caller: Caller,
  reason: string,
  at: string,
): UndeliveredMessage {
  const sourceArn = caller.kind === 'service' ? caller.sourceArn : undefined;
  return { target, at, publisher: publisherOf(caller), sourceArn, reason };
}

function publisherOf(caller: Caller): string {
  if (caller.kind === 'service') return caller.service;
  return caller.kind === 'role' ? caller.roleArn : caller.kind;
}
