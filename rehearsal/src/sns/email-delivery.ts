import { randomUUID } from 'node:crypto';
import type { EventStream } from '../events';
import type { EmailOutbox } from './email-outbox';
import { DEFAULT_SUBJECT, emailBody, type Notification, notificationJson } from './message';
import type { Subscription, TopicDefinition } from './topic-definition';

/** Writes the mail that a subscriber gets, and tells of it. */
export function deliverByEmail(
  topic: TopicDefinition,
  { protocol, endpoint: to }: Subscription,
  notification: Notification,
  { outbox, events }: { readonly outbox: EmailOutbox; readonly events: EventStream },
): void {
  const { timestamp: time, subject = DEFAULT_SUBJECT, cause = time } = notification;
  const body =
    protocol === 'email' ? emailBody(notification) : `${notificationJson(notification)}\n`;
  const { file } = outbox.send({
    fromName: topic.displayName ?? 'AWS Notifications',
    to,
    subject,
    body,
    date: Date.parse(time),
    messageId: randomUUID(),
  });
  events.emit({ kind: 'mail', time, to, subject, file, body, cause });
}
