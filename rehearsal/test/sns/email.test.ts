import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { formatEmail } from '../../src/sns/email-message';
import { EmailOutbox } from '../../src/sns/email-outbox';
import { parseSmtpAddress } from '../../src/sns/smtp-relay';
import { scratchDirectory } from '../_helpers/scratch-directory';

const mail = {
  fromName: 'Release failures',
  to: 'dev@example.com',
  subject: 'AWS Notification Message',
  body: 'Release failed.',
  date: Date.UTC(2026, 0, 5, 8, 6, 21),
  messageId: '0b1c',
};

/** Headers by name, unfolded, and the decoded body: what a mail program would read. */
function read(text: string): { headers: Record<string, string>; body: string } {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const lines = head.replace(/\r\n /g, ' ').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const bytes = rest
    .join('\r\n\r\n')
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return { headers, body: Buffer.from(bytes, 'latin1').toString() };
}

function decodeWords(text: string): string {
  const words = [...text.matchAll(/=\?UTF-8\?B\?([^?]*)\?=/g)].map(([, word = '']) => word);
  return words.length === 0
    ? text
    : Buffer.concat(words.map((word) => Buffer.from(word, 'base64'))).toString();
}

describe('a mail as a file', () => {
  const directory = scratchDirectory();

  test('it has the headers of RFC 5322 and says who writes', () => {
    const { headers, body } = read(formatEmail(mail));

    expect(headers).toEqual({
      Date: 'Mon, 05 Jan 2026 08:06:21 +0000',
      From: '"Release failures" <no-reply@sns.amazonaws.com>',
      To: 'dev@example.com',
      'Message-ID': '<0b1c@sns.amazonaws.com>',
      Subject: 'AWS Notification Message',
      'MIME-Version': '1.0',
      'Content-Type': 'text/plain; charset=UTF-8',
      'Content-Transfer-Encoding': 'quoted-printable',
    });
    expect(body).toBe('Release failed.');
  });

  test('any text survives in subject and body, in short ASCII lines', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (subject, body) => {
          const text = formatEmail({ ...mail, subject, body });
          const decoded = read(text);
          // eslint-disable-next-line no-control-regex
          const line = subject.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
          expect(decodeWords(decoded.headers['Subject'] ?? '')).toBe(line);
          expect(decoded.body).toBe(body.replace(/\r\n|\r|\n/g, '\r\n'));
          // eslint-disable-next-line no-control-regex
          expect(text).toMatch(/^[\x00-\x7f]*$/);
          expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(
            76,
          );
        },
      ),
    );
  });

  test('Korean words arrive as they were written', () => {
    const { headers, body } = read(
      formatEmail({
        ...mail,
        subject: '배포 실패: 새 버전이 시작되지 않았습니다',
        body: '실패 ✗ = 50%',
      }),
    );

    expect(decodeWords(headers['Subject'] ?? '')).toBe('배포 실패: 새 버전이 시작되지 않았습니다');
    expect(body).toBe('실패 ✗ = 50%');
  });

  test('no text can add a header', () => {
    const text = formatEmail({
      ...mail,
      subject: 'Failed\r\nBcc: everyone@example.com',
      to: 'dev@example.com\nBcc: everyone@example.com',
      fromName: 'Team" <boss@example.com>\r\nBcc: x',
    });

    expect(Object.keys(read(text).headers)).not.toContain('Bcc');
    expect(read(text).headers['From']).toMatch(/^"Team\\" <boss@example.com> Bcc: x" <no-reply@/);
  });

  test('files are numbered in the order of sending, named by subject, and old ones are removed', () => {
    mkdirSync(join(directory, 'mail'));
    writeFileSync(join(directory, 'mail', '07-old.eml'), '');
    writeFileSync(join(directory, 'mail', 'notes.txt'), '');
    const outbox = new EmailOutbox(directory);
    outbox.open();

    const first = outbox.send({ ...mail, subject: 'ALARM: "../api" in Asia Pacific (Seoul)' });
    outbox.send(mail);

    expect(first.file).toBe('mail/01-ALARM-api-in-Asia-Pacific-Seoul.eml');
    expect(readdirSync(join(directory, 'mail'))).toEqual([
      '01-ALARM-api-in-Asia-Pacific-Seoul.eml',
      '02-AWS-Notification-Message.eml',
      'notes.txt',
    ]);
    expect(readFileSync(join(directory, first.file), 'utf8')).toContain('Subject: ALARM: "../api"');
  });
});

describe('the address of a mail server', () => {
  test.each([
    ['127.0.0.1:1025', { host: '127.0.0.1', port: 1025 }],
    ['localhost:25', { host: 'localhost', port: 25 }],
    ['[::1]:2525', { host: '::1', port: 2525 }],
  ])('%s is on this machine', (text, expected) => {
    expect(parseSmtpAddress(text)).toEqual(expected);
  });

  test.each([
    'mail.example.com:25',
    '10.0.0.1:25',
    '127.0.0.1',
    '127.0.0.1:0',
    '127.0.0.1:70000',
    '127.0.0.1.example.com:25',
  ])('%s is not', (text) => {
    expect(parseSmtpAddress(text)).toBeUndefined();
  });
});
