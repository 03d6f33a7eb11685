import { displayName, headerText, quotedPrintable } from './mime-text';

/** A mail as people read it. */
export interface Email {
  /** Name of the sender, beside SNS's own address */
  readonly fromName: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  /** Milliseconds since the epoch */
  readonly date: number;
  readonly messageId: string;
}

/** Who SNS writes as. https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html */
export const SENDER = 'no-reply@sns.amazonaws.com';

/**
 * A mail as it goes over the wire: ASCII, lines of at most 998 characters that end in CR LF.
 * https://www.rfc-editor.org/rfc/rfc5322
 */
export function formatEmail({ fromName, to, subject, body, date, messageId }: Email): string {
  return [
    `Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`,
    `From: ${displayName(fromName)} <${SENDER}>`,
    `To: ${headerText(to)}`,
    `Message-ID: <${messageId}@sns.amazonaws.com>`,
    `Subject: ${headerText(subject)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    quotedPrintable(body),
  ].join('\r\n');
}
