import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Email, formatEmail, SENDER } from './email-message';
import type { SmtpRelay } from './smtp-relay';

/** A mail that was written. */
export interface SentEmail {
  /** Path below the report's directory, e.g. `mail/01-ALARM-api.eml` */
  readonly file: string;
}

/** Keeps every mail as a file, and hands it to a mail server where there is one. */
export class EmailOutbox {
  private count = 0;
  private relay: SmtpRelay | undefined;
  private readonly relayed: Promise<void>[] = [];

  /** @param directory of the report; mails go into its `mail` folder */
  constructor(private readonly directory: string) {}

  /**
   * Removes the mails of the run before. Files that are no mails of a rehearsal stay.
   *
   * @param relay undefined where mails only become files
   */
  open(relay?: SmtpRelay): void {
    this.relay = relay;
    const folder = join(this.directory, 'mail');
    if (!existsSync(folder)) return;
    const mails = readdirSync(folder).filter((name) => /^\d\d+-[\w-]+\.eml$/.test(name));
    for (const name of mails) rmSync(join(folder, name));
  }

  send(email: Email): SentEmail {
    this.count += 1;
    const file = `mail/${String(this.count).padStart(2, '0')}-${slug(email.subject)}.eml`;
    const text = formatEmail(email);
    mkdirSync(join(this.directory, 'mail'), { recursive: true });
    writeFileSync(join(this.directory, file), text);
    if (this.relay !== undefined) this.relayed.push(this.relay.send(SENDER, email.to, text, file));
    return { file };
  }

  /** Resolves when the mail server has taken every mail, or refused it; may be called twice. */
  async close(): Promise<void> {
    await Promise.all(this.relayed.splice(0));
    this.relay?.close();
    this.relay = undefined;
  }
}

function slug(subject: string): string {
  return (
    subject
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'mail'
  );
}
