import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
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
  private readonly relayed: Promise<void>[] = [];

  /**
   * @param directory of the report; mails of an earlier run are removed from its `mail` folder
   * @param relay undefined where mails only become files
   */
  constructor(
    private readonly directory: string,
    private readonly relay?: SmtpRelay,
  ) {
    rmSync(join(directory, 'mail'), { recursive: true, force: true });
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

  /** Resolves when the mail server has taken every mail, or refused it. */
  async close(): Promise<void> {
    await Promise.all(this.relayed);
    this.relay?.close();
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
