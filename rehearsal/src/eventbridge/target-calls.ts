import { type Clock, isoTime } from '../clock';
import type { EventStream } from '../events';
import type { Authorizer, Caller } from '../iam/authorizer';
import { type Fate, sendDeadLetter } from '../sqs/dead-letter';
import type { Queues } from '../sqs/queues';
import { type DeliveryRefusal, undelivered, type UndeliveredMessage } from '../undelivered-message';
import type { RuleDefinition, RuleTarget } from './rule-definition';
import type { TargetDelivery } from './target-delivery';

export interface TargetCallsDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
  /** By the service in the target's ARN, e.g. `sns`, `codepipeline` */
  readonly targets: ReadonlyMap<string, TargetDelivery>;
  /** Where dead letters go */
  readonly queues: Pick<Queues, 'send'>;
}

type Event = Readonly<Record<string, unknown>>;

/**
 * Calls the targets of rules. What a target refuses is never tried again: a service here refuses for
 * its policies, or because something is not there, and AWS sends such an event to the dead-letter
 * queue of the target at once, or drops it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export class TargetCalls {
  /** Events that neither the target nor a dead-letter queue took */
  readonly lost: UndeliveredMessage[] = [];

  constructor(private readonly deps: TargetCallsDependencies) {}

  /** @param cause when what the event tells of began, ISO 8601 */
  call(rule: RuleDefinition, target: RuleTarget, event: Event, cause: string | undefined): void {
    const deliver = this.deps.targets.get(serviceOf(target));
    if (deliver === undefined) return;
    const now = isoTime(this.deps.clock.now());
    const context = { ruleArn: rule.arn, ruleName: rule.name, ingestionTime: now };
    const caller = callerOf(rule, target);
    const refusal =
      this.roleRefusal(rule, target) ??
      deliver({
        arn: target.arn,
        input: target.input(event, context),
        transformed: target.transformed,
        caller,
        ruleArn: rule.arn,
        messageGroupId: target.messageGroupId,
        event,
        cause,
      });
    if (refusal === undefined) return;
    const fate = this.deadLetter(rule, target, event, refusal);
    if (fate.lost) this.lost.push(undelivered(target.arn, caller, fate.reason, now));
    this.deps.events.emit({
      kind: 'progress',
      time: now,
      message: `rule '${rule.logicalId}' could not call ${target.arn}: ${fate.reason}`,
    });
  }

  /** A role is no use to EventBridge unless its trust policy lets it in. */
  private roleRefusal(rule: RuleDefinition, { roleArn }: RuleTarget): DeliveryRefusal | undefined {
    if (roleArn === undefined) return undefined;
    const decision = this.deps.authorizer.authorize({
      caller: itself(rule),
      action: 'sts:AssumeRole',
      resource: roleArn,
    });
    return decision.allowed
      ? undefined
      : { code: 'FAILED_TO_ASSUME_ROLE', reason: decision.message };
  }

  /**
   * The dead letter is the event as it came to the rule, whatever the target would have got. AWS adds
   * EXHAUSTED_RETRY_CONDITION and RETRY_ATTEMPTS to what it had tried again, which nothing is here.
   */
  private deadLetter(
    rule: RuleDefinition,
    { arn: target, deadLetterArn }: RuleTarget,
    event: Event,
    refusal: DeliveryRefusal,
  ): Fate {
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target,
      ERROR_CODE: refusal.code,
      ERROR_MESSAGE: refusal.reason,
    };
    const deadLetter = { ...refusal, source: rule.arn, target };
    const message = { body: JSON.stringify(event), attributes, deadLetter };
    // EventBridge sends it by itself, also where the target has a role.
    return sendDeadLetter(this.deps.queues, deadLetterArn, message, itself(rule));
  }
}

/** The service in the ARN of a target. */
export function serviceOf({ arn }: RuleTarget): string {
  return arn.split(':')[2] ?? '';
}

/**
 * Topics, queues and log groups trust the service by their own policies; other targets are used with
 * a role.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
function callerOf(rule: RuleDefinition, { roleArn }: RuleTarget): Caller {
  return roleArn === undefined
    ? itself(rule)
    : { kind: 'role', roleArn, sessionName: rule.name.slice(0, 64) };
}

function itself({ arn }: RuleDefinition): Caller {
  return { kind: 'service', service: 'events.amazonaws.com', sourceArn: arn };
}
