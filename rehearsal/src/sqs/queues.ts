import { createHash } from 'node:crypto';
import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import { AwsTime } from '../cloudwatch/aws-time';
import type { EventStream } from '../events';
import type { Authorizer, Caller } from '../iam/authorizer';
import { keyRefusal } from '../kms/key-access';
import type { DeliveryRefusal } from '../undelivered-message';
import { type QueueDefinition, readQueue } from './queue-definition';

/** What a rule or a subscription could not deliver, and why. */
export interface DeadLetter extends DeliveryRefusal {
  /** ARN of the rule or the subscription */
  readonly source: string;
  /** ARN of the target that did not take it */
  readonly target: string;
}

export interface QueueMessage {
  readonly body: string;
  /** MessageGroupId, which a FIFO queue asks for */
  readonly groupId?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Present where the queue is a dead-letter queue to its sender */
  readonly deadLetter?: DeadLetter;
}

export interface StoredMessage extends QueueMessage {
  /** ISO 8601 */
  readonly sentAt: string;
}

/** A queue of the templates and all that was sent to it: nobody receives in a rehearsal. */
export interface Queue extends Pick<QueueDefinition, 'name' | 'arn' | 'logicalId' | 'stack'> {
  readonly messages: readonly StoredMessage[];
}

export interface QueuesDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
}

/** Within it, a FIFO queue takes a message of the same content and keeps only the first. */
const DEDUPLICATION_INTERVAL_MS = 5 * 60_000;

interface QueueState {
  readonly definition: QueueDefinition;
  readonly messages: StoredMessage[];
  /** When each content was sent first, by its hash */
  readonly sent: Map<string, number>;
}

/** The SQS queues of the deployed stacks. */
export class Queues {
  private readonly queues: ReadonlyMap<string, QueueState>;
  private readonly time: AwsTime;

  /** @throws RehearsalError `PropertyInvalid` */
  constructor(
    private readonly resources: DeployedResources,
    private readonly deps: QueuesDependencies,
  ) {
    this.time = new AwsTime(deps.clock);
    this.queues = new Map(
      resources
        .ofType('AWS::SQS::Queue')
        .map(readQueue)
        .map((definition) => [definition.arn, { definition, messages: [], sent: new Map() }]),
    );
  }

  get all(): readonly Queue[] {
    return [...this.queues.values()].map(
      ({ definition: { name, arn, logicalId, stack }, messages }) => ({
        ...{ name, arn, logicalId, stack },
        messages,
      }),
    );
  }

  /**
   * `sqs:SendMessage`.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
   *
   * @returns why it was refused
   */
  send(arn: string, message: QueueMessage, caller: Caller): DeliveryRefusal | undefined {
    const queue = this.queues.get(arn);
    if (queue === undefined) {
      const reason = `the queue ${arn} does not exist in the deployed stacks`;
      return { code: 'NO_RESOURCE', reason };
    }
    const { definition, messages } = queue;
    const denied = this.denied(definition, caller);
    if (denied !== undefined) return { code: 'NO_PERMISSIONS', reason: denied };
    const incomplete = missingParameter(definition, message);
    if (incomplete !== undefined) return { code: 'INVALID_PARAMETER', reason: incomplete };
    if (!this.isDuplicate(queue, message)) {
      messages.push({ ...message, sentAt: isoTime(this.deps.clock.now()) });
    }
    return undefined;
  }

  private denied(queue: QueueDefinition, caller: Caller): string | undefined {
    const { clock, events, authorizer } = this.deps;
    const request = { caller, action: 'sqs:SendMessage', resource: queue.arn };
    const decision = authorizer.authorize(request);
    if (!decision.allowed) return decision.message;
    return keyRefusal('queue', queue, caller, {
      authorizer,
      resources: this.resources,
      onUnknownKey: (message) =>
        events.emit({ kind: 'unproven', time: isoTime(clock.now()), message }),
    });
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html */
  private isDuplicate({ definition, sent }: QueueState, { body, groupId }: QueueMessage): boolean {
    if (definition.fifo === undefined) return false;
    const scope = definition.fifo.scope === 'messageGroup' ? groupId : undefined;
    const key = createHash('sha256')
      .update(`${scope ?? ''}\n${body}`)
      .digest('hex');
    const first = sent.get(key);
    const now = this.time.now();
    if (first !== undefined && now - first < DEDUPLICATION_INTERVAL_MS) return true;
    sent.set(key, now);
    return false;
  }
}

/** What a FIFO queue asks for and its senders here cannot give in another way. */
function missingParameter({ fifo }: QueueDefinition, message: QueueMessage): string | undefined {
  if (fifo === undefined) return undefined;
  if (message.groupId === undefined) {
    return 'The request must contain the parameter MessageGroupId.';
  }
  return fifo.contentBasedDeduplication
    ? undefined
    : 'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly';
}
