import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EmailOutbox } from '../../src/sns/email-outbox';
import { connectSmtpRelay } from '../../src/sns/smtp-relay';
import { scratchDirectory } from '../_helpers/scratch-directory';

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string;
}

const directory = scratchDirectory();
let server: ChildProcessWithoutNullStreams;
let port: number;
const received: Received[] = [];

beforeAll(async () => {
  server = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'smtp-server.mjs')]);
  const lines = createInterface({ input: server.stdout });
  const [first] = (await once(lines, 'line')) as [string];
  port = (JSON.parse(first) as { port: number }).port;
  lines.on('line', (line) => received.push(JSON.parse(line) as Received));
});

afterAll(async () => {
  server.stdin.end();
  await once(server, 'close');
});

const mail = (to: string, subject: string) => ({
  fromName: 'Release failures',
  to,
  subject,
  body: 'Das Ausrollen schlug fehl: „api“ startet nicht.\n.\nEnde',
  date: Date.UTC(2026, 0, 5),
  messageId: '1',
});

describe('a mail server on this machine', () => {
  test('gets every mail, byte for byte what the file holds', async () => {
    const relay = await connectSmtpRelay({ host: '127.0.0.1', port }, () => undefined);
    const outbox = new EmailOutbox(directory);
    outbox.open(relay);
    const { file } = outbox.send(mail('dev@example.com', 'Failed: „api“'));
    await outbox.close();

    expect(received).toEqual([
      {
        from: 'no-reply@sns.amazonaws.com',
        to: ['dev@example.com'],
        message: `${readFileSync(join(directory, file), 'utf8')}\r\n`,
      },
    ]);
  });

  test('a mail that it refuses is told, with the file that still holds it', async () => {
    const refusals: string[] = [];
    const relay = await connectSmtpRelay({ host: '127.0.0.1', port }, (text) =>
      refusals.push(text),
    );
    const outbox = new EmailOutbox(directory);
    outbox.open(relay);
    outbox.send(mail('refused@example.com', 'Failed'));
    await outbox.close();

    expect(refusals).toEqual([
      expect.stringMatching(/did not take mail\/01-Failed\.eml: .*no such mailbox/s),
    ]);
  });

  test('that does not answer is said before anything runs', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const address = free.address();
    const closed = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => free.close(resolve));

    await expect(
      connectSmtpRelay({ host: '127.0.0.1', port: closed }, () => undefined),
    ).rejects.toMatchObject({ code: 'SmtpUnreachable', exitCode: 2 });
  });
});
