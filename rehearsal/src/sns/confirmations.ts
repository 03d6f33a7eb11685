import { randomBytes, randomUUID } from 'node:crypto';
import { type Clock, isoTime } from '../clock';
import { ServiceException } from '../service-exception';
import type { EmailOutbox } from './email-outbox';
import type { Subscription, TopicDefinition } from './topic-definition';

/** How long the link of a confirmation mail works: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
const TOKEN_LIFETIME_MS = 2 * 24 * 60 * 60_000;

export const CONFIRMATION_SUBJECT = 'AWS Notification - Subscription Confirmation';

/** Who has agreed to get mails: a subscription is pending until the link of its first mail is opened. */
export class Confirmations {
  private readonly requests = new Map<
    string,
    { readonly subscription: Subscription; readonly sentAt: number }
  >();
  private readonly confirmed = new Set<Subscription>();

  constructor(
    private readonly clock: Clock,
    private readonly outbox: EmailOutbox,
  ) {}

  /**
   * Sends the mail that asks for it. It is a file of the report as every mail, and no scenario counts
   * it: no release has caused it.
   *
   * @returns the token of its link
   */
  ask(topic: TopicDefinition, subscription: Subscription): string {
    const now = this.clock.now();
    const token = randomBytes(32).toString('hex');
    this.requests.set(token, { subscription, sentAt: now });
    this.outbox.send({
      fromName: topic.displayName ?? 'AWS Notifications',
      to: subscription.endpoint,
      subject: CONFIRMATION_SUBJECT,
      body: confirmationBody(topic, subscription, token, isoTime(now)),
      date: now,
      messageId: randomUUID(),
    });
    return token;
  }

  /**
   * What opening the link does, `sns:ConfirmSubscription`.
   *
   * @throws ServiceException `InvalidParameter` for a token that nobody got, or that is too old
   */
  confirm(token: string): void {
    const request = this.requests.get(token);
    if (request === undefined || this.clock.now() > request.sentAt + TOKEN_LIFETIME_MS) {
      throw new ServiceException('InvalidParameter', 'Invalid parameter: Token');
    }
    this.confirmed.add(request.subscription);
  }

  isConfirmed(subscription: Subscription): boolean {
    return this.confirmed.has(subscription);
  }
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
function confirmationBody(
  { arn, region }: TopicDefinition,
  { protocol, endpoint }: Subscription,
  token: string,
  timestamp: string,
): string {
  const message = `You have chosen to subscribe to the topic ${arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`;
  if (protocol === 'email-json') {
    const fields = {
      Type: 'SubscriptionConfirmation',
      MessageId: randomUUID(),
      Token: token,
      TopicArn: arn,
      Message: message,
      SubscribeURL: `https://sns.${region}.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${arn}&Token=${token}`,
      Timestamp: timestamp,
    };
    return `${JSON.stringify(fields)}\n`;
  }
  return [
    'You have chosen to subscribe to the topic:',
    arn,
    '',
    'To confirm this subscription, click or visit the link below (If this was in error no action is necessary):',
    `https://sns.${region}.amazonaws.com/confirmation.html?TopicArn=${arn}&Token=${token}&Endpoint=${encodeURIComponent(endpoint)}`,
    '',
  ].join('\n');
}
