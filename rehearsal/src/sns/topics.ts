import { randomUUID } from 'node:crypto';
import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { EventStream } from '../events';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { Queues } from '../sqs/queues';
import { type DeliveryRefusal, undelivered, type UndeliveredMessage } from '../undelivered-message';
import { Confirmations } from './confirmations';
import { deliverByEmail } from './email-delivery';
import type { EmailOutbox } from './email-outbox';
import type { Notification, Publication } from './message';
import { publishRefusal } from './publish-access';
import { deliverToQueue, topicItself } from './queue-delivery';
import {
  readTopics,
  type Subscription,
  type TopicDefinition,
  WITHOUT_SETTINGS,
} from './topic-definition';

export interface TopicsDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
  readonly outbox: EmailOutbox;
  /** Those that subscriptions and their dead letters may go to */
  readonly queues: Pick<Queues, 'send'>;
  /** Whether subscribers open the link of their first mail as soon as they have it. @default true */
  readonly confirmAtOnce?: boolean;
}

/** Address of the subscriber that a topic gets in a rehearsal when it has none; `.invalid` is nobody's. */
export const REHEARSAL_SUBSCRIBER = 'rehearsal@subscriber.invalid';

/** All topics of the deployed stacks. Mail and messages for queues leave them. */
export class Topics {
  readonly undelivered: UndeliveredMessage[] = [];
  private readonly topics: ReadonlyMap<string, TopicDefinition>;
  private readonly confirmations: Confirmations;

  /** @throws RehearsalError `PropertyInvalid` or `EventPatternInvalid` */
  constructor(
    private readonly resources: DeployedResources,
    private readonly deps: TopicsDependencies,
  ) {
    this.confirmations = new Confirmations(deps.clock, deps.outbox);
    this.topics = new Map(
      readTopics(resources).map((topic) => [topic.arn, this.withSubscriber(topic)]),
    );
  }

  /**
   * `sns:Publish` by a publisher that can do nothing about a refusal: it is recorded here.
   */
  publish(topicArn: string, publication: Publication, caller: Caller): void {
    const refusal = this.offer(topicArn, publication, caller);
    if (refusal === undefined) return;
    const { reason } = refusal;
    const message = this.lost(topicArn, caller, reason);
    this.progress(
      `no mail: ${message.sourceArn ?? message.publisher} could not publish to ${topicArn}: ${reason}`,
    );
  }

  /**
   * `sns:Publish`. Whether it may is for the topic's policy to say, and for the key's where the
   * topic is encrypted.
   *
   * @returns why it was refused
   */
  offer(topicArn: string, publication: Publication, caller: Caller): DeliveryRefusal | undefined {
    const topic = this.topics.get(topicArn);
    if (topic === undefined) {
      const reason = `the topic ${topicArn} does not exist in the deployed stacks`;
      return { code: 'NO_RESOURCE', reason };
    }
    const denied = publishRefusal(topic, caller, {
      authorizer: this.deps.authorizer,
      resources: this.resources,
      onUnknownKey: (sentence) => this.unproven(sentence),
    });
    if (denied !== undefined) return { code: 'NO_PERMISSIONS', reason: denied };
    const messageId = randomUUID();
    for (const subscription of topic.subscriptions) {
      if (wants(subscription, publication.message)) {
        this.deliver(topic, subscription, publication, messageId);
      }
    }
    return undefined;
  }

  /**
   * What opening the link of a confirmation mail does.
   *
   * @param token of the link
   * @throws ServiceException `InvalidParameter`
   */
  confirmSubscription(token: string): void {
    this.confirmations.confirm(token);
  }

  private isSubscribed(subscription: Subscription): boolean {
    return (
      subscription.endpoint === REHEARSAL_SUBSCRIBER || this.confirmations.isConfirmed(subscription)
    );
  }

  private deliver(
    topic: TopicDefinition,
    subscription: Subscription,
    publication: Publication,
    messageId: string,
  ): void {
    const { protocol, arn, endpoint } = subscription;
    const notification: Notification = {
      ...publication,
      topicArn: topic.arn,
      region: topic.region,
      messageId,
      timestamp: isoTime(this.deps.clock.now()),
      subscriptionArn: arn,
      endpoint,
    };
    if (isEmail(subscription) && this.isSubscribed(subscription)) {
      deliverByEmail(topic, subscription, notification, this.deps);
    }
    if (protocol !== 'sqs') return;
    const fate = deliverToQueue(subscription, notification, this.deps.queues);
    if (fate === undefined) return;
    if (fate.lost) this.lost(endpoint, topicItself(topic.arn), fate.reason);
    this.progress(`topic '${topic.logicalId}' could not send to ${endpoint}: ${fate.reason}`);
  }

  private lost(target: string, publisher: Caller, reason: string): UndeliveredMessage {
    const message = undelivered(target, publisher, reason, isoTime(this.deps.clock.now()));
    this.undelivered.push(message);
    return message;
  }

  private progress(message: string): void {
    const { clock, events } = this.deps;
    events.emit({ kind: 'progress', time: isoTime(clock.now()), message });
  }

  /** Names what a rehearsal does otherwise than AWS, once for each topic. */
  private withSubscriber(topic: TopicDefinition): TopicDefinition {
    const subject = `topic '${topic.logicalId}' in stack '${topic.stack}'`;
    for (const { protocol, endpoint } of topic.subscriptions.filter(isUnplayed)) {
      this.unproven(`${subject} has the subscriber ${protocol} ${endpoint}, who gets nothing here`);
    }
    const tokens = topic.subscriptions
      .filter(isEmail)
      .map((subscription) => this.confirmations.ask(topic, subscription));
    if (tokens.length > 0 && this.deps.confirmAtOnce !== false) {
      for (const token of tokens) this.confirmSubscription(token);
      this.unproven(
        `${subject}: its subscribers have confirmed at once; on AWS each opens the link of a first mail within two days`,
      );
    }
    if (topic.subscriptions.length > 0) return topic;
    this.unproven(
      `${subject} has no subscriber, so on AWS nobody gets its messages; the mails of this run go to ${REHEARSAL_SUBSCRIBER}`,
    );
    const subscription: Subscription = {
      arn: `${topic.arn}:00000000-0000-4000-8000-000000000000`,
      protocol: 'email',
      endpoint: REHEARSAL_SUBSCRIBER,
      ...WITHOUT_SETTINGS,
    };
    return { ...topic, subscriptions: [subscription] };
  }

  private unproven(message: string): void {
    const { clock, events } = this.deps;
    events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
  }
}

function isEmail({ protocol }: Subscription): boolean {
  return protocol === 'email' || protocol === 'email-json';
}

/** Only a mail has a link to confirm: a queue of the topic's own account subscribes at once. */
function isUnplayed(subscription: Subscription): boolean {
  return !isEmail(subscription) && subscription.protocol !== 'sqs';
}

/** Messages of rules and alarms have no attributes, so a filter on those lets none through. */
function wants({ filter }: Subscription, message: string): boolean {
  if (filter === undefined) return true;
  return filter.pattern(filter.onBody ? bodyOf(message) : {});
}

function bodyOf(message: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(message);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
