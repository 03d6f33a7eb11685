import type { Caller } from '../iam/authorizer';
import type { DeliveryRefusal } from '../undelivered-message';

/** What a target is called with. */
export interface TargetInvocation {
  /** Of the target */
  readonly arn: string;
  /** What the target's settings make of the event; JSON unless a transformer writes text */
  readonly input: string;
  /** Whether an input transformer made it */
  readonly transformed: boolean;
  /** Who EventBridge acts as: the target's role, or itself on behalf of the rule */
  readonly caller: Caller;
  readonly ruleArn: string;
  /** MessageGroupId for a FIFO queue */
  readonly messageGroupId: string | undefined;
  /** The event as it came to the bus */
  readonly event: Readonly<Record<string, unknown>>;
  /** When what the event tells of began, ISO 8601 */
  readonly cause: string | undefined;
}

/**
 * A service that rules may call, e.g. one that starts executions of pipelines.
 *
 * @returns why it refused; undefined when it took the call
 */
export type TargetDelivery = (invocation: TargetInvocation) => DeliveryRefusal | undefined;
