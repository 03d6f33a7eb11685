/** A notification on its way to the subscribers. */
export interface Publication {
  /** Under 100 characters; none for what EventBridge sends */
  readonly subject?: string | undefined;
  readonly message: string;
  /** Text for people where the protocol is `email`, as CloudWatch adds it */
  readonly emailText?: string | undefined;
  /** When what it tells of began, ISO 8601. @default now */
  readonly cause?: string | undefined;
}

export interface Notification extends Publication {
  readonly topicArn: string;
  readonly messageId: string;
  readonly region: string;
  /** ISO 8601 */
  readonly timestamp: string;
  readonly subscriptionArn: string;
  readonly endpoint: string;
}

/** What SNS writes over a mail whose publisher gave no subject. */
export const DEFAULT_SUBJECT = 'AWS Notification Message';

/**
 * The text of a mail, with the way out that every one of them has.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
export function emailBody(notification: Notification): string {
  return [
    notification.emailText ?? notification.message,
    '',
    '--',
    'If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:',
    unsubscribeUrl(notification),
    '',
    'Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support',
    '',
  ].join('\n');
}

/**
 * The notification as `email-json` and queues get it. The signature is missing: only AWS can make it.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function notificationJson(notification: Notification): string {
  const { messageId, topicArn, subject, message, timestamp } = notification;
  const fields = {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    Timestamp: timestamp,
    UnsubscribeURL: `https://sns.${notification.region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${notification.subscriptionArn}`,
  };
  return JSON.stringify(fields);
}

function unsubscribeUrl({ region, subscriptionArn, endpoint }: Notification): string {
  return `https://sns.${region}.amazonaws.com/unsubscribe.html?SubscriptionArn=${subscriptionArn}&Endpoint=${encodeURIComponent(endpoint)}`;
}
