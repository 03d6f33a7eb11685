import { randomUUID } from 'node:crypto';
import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { EventStream } from '../events';
import type { Authorizer, Caller } from '../iam/authorizer';
import { undelivered, type UndeliveredMessage } from '../undelivered-message';
import { Confirmations } from './confirmations';
import type { EmailOutbox } from './email-outbox';
import {
  DEFAULT_SUBJECT,
  emailBody,
  emailJsonBody,
  type Notification,
  type Publication,
} from './message';
import { publishRefusal } from './publish-access';
import { readTopics, type Subscription, type TopicDefinition } from './topic-definition';

export interface TopicsDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly authorizer: Authorizer;
  readonly outbox: EmailOutbox;
  /** Whether subscribers open the link of their first mail as soon as they have it. @default true */
  readonly confirmAtOnce?: boolean;
}

/** Address of the subscriber that a topic gets in a rehearsal when it has none; `.invalid` is nobody's. */
export const REHEARSAL_SUBSCRIBER = 'rehearsal@subscriber.invalid';

/** All topics of the deployed stacks. Mail is the only thing that leaves them here. */
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
   * `sns:Publish`. Whether it may is for the topic's policy to say, and for the key's where the
   * topic is encrypted; a refusal is recorded, since the publisher could do nothing about it.
   */
  publish(topicArn: string, publication: Publication, caller: Caller): void {
    const topic = this.topics.get(topicArn);
    const refusal =
      topic === undefined
        ? `the topic ${topicArn} does not exist in the deployed stacks`
        : publishRefusal(topic, caller, {
            authorizer: this.deps.authorizer,
            resources: this.resources,
            onUnknownKey: (sentence) => this.unproven(sentence),
          });
    if (topic === undefined || refusal !== undefined) {
      this.refused(topicArn, caller, refusal ?? '');
      return;
    }
    const messageId = randomUUID();
    for (const subscription of topic.subscriptions.filter(isEmail)) {
      if (!this.isSubscribed(subscription)) continue;
      if (wants(subscription, publication.message)) {
        this.mail(topic, subscription, publication, messageId);
      }
    }
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

  private mail(
    topic: TopicDefinition,
    subscription: Subscription,
    publication: Publication,
    messageId: string,
  ): void {
    const { clock, events, outbox } = this.deps;
    const now = clock.now();
    const to = subscription.endpoint;
    const notification: Notification = {
      ...publication,
      topicArn: topic.arn,
      region: topic.region,
      messageId,
      timestamp: isoTime(now),
      subscriptionArn: subscription.arn,
      endpoint: to,
    };
    const subject = publication.subject ?? DEFAULT_SUBJECT;
    const body =
      subscription.protocol === 'email' ? emailBody(notification) : emailJsonBody(notification);
    const { file } = outbox.send({
      fromName: topic.displayName ?? 'AWS Notifications',
      to,
      subject,
      body,
      date: now,
      messageId: randomUUID(),
    });
    const { cause = isoTime(now) } = publication;
    events.emit({ kind: 'mail', time: isoTime(now), to, subject, file, body, cause });
  }

  private refused(topicArn: string, caller: Caller, reason: string): void {
    const message = undelivered(topicArn, caller, reason, isoTime(this.deps.clock.now()));
    this.undelivered.push(message);
    this.deps.events.emit({
      kind: 'progress',
      time: message.at,
      message: `no mail: ${message.sourceArn ?? message.publisher} could not publish to ${topicArn}: ${reason}`,
    });
  }

  /** Names what a rehearsal does otherwise than AWS, once for each topic. */
  private withSubscriber(topic: TopicDefinition): TopicDefinition {
    const subject = `topic '${topic.logicalId}' in stack '${topic.stack}'`;
    for (const { protocol, endpoint } of topic.subscriptions.filter((one) => !isEmail(one))) {
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
      filter: undefined,
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
