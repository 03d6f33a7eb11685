import { createTransport } from 'nodemailer';
import { messageOf, RehearsalError } from '../errors';

/** A mail server on this machine that gets a copy of every mail. */
export interface SmtpRelay {
  /** Never rejects: a server that refuses a mail is told to `onRefused` */
  send(from: string, to: string, message: string, file: string): Promise<void>;
  close(): void;
}

/** Where `--smtp` points to. */
export interface SmtpAddress {
  readonly host: string;
  readonly port: number;
}

/** A rehearsal sends nothing beyond this machine. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * @param text `host:port`, e.g. `127.0.0.1:1025` or `[::1]:1025`
 * @returns undefined for anything that is not a loopback address with a port
 */
export function parseSmtpAddress(text: string): SmtpAddress | undefined {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const number = Number(port);
  if (!LOOPBACK.test(host) || number < 1 || number > 65_535) return undefined;
  return { host, port: number };
}

/**
 * @param onRefused gets a sentence about each mail that the server did not take
 * @throws RehearsalError `SmtpUnreachable` when nothing there speaks SMTP
 */
export async function connectSmtpRelay(
  { host, port }: SmtpAddress,
  onRefused: (message: string) => void,
): Promise<SmtpRelay> {
  const transport = createTransport({
    host,
    port,
    secure: false,
    // The server of a developer has a certificate of its own making, if any.
    ignoreTLS: true,
    connectionTimeout: 5000,
    greetingTimeout: 5000,
  });
  try {
    await transport.verify();
  } catch (error) {
    transport.close();
    throw new RehearsalError(
      'SmtpUnreachable',
      `--smtp ${host}:${port}: no mail server answers there (${messageOf(error)}). Start one, or leave the option out: the report holds every mail as a file.`,
    );
  }
  return {
    async send(from, to, message, file) {
      try {
        await transport.sendMail({ envelope: { from, to }, raw: message });
      } catch (error) {
        onRefused(`the mail server at ${host}:${port} did not take ${file}: ${messageOf(error)}`);
      }
    },
    close: () => transport.close(),
  };
}
