import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import type { Caller } from '../iam/authorizer';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
const LIFETIME_MS = 12 * 60 * 60 * 1000;

export type TokenCheck =
  | { readonly status: 'valid'; readonly caller: Caller }
  | { readonly status: 'expired' }
  | { readonly status: 'unknown' };

/** Passwords for `docker login`, each bound to who asked for it. */
export class AuthorizationTokens {
  private readonly issued = new Map<string, { caller: Caller; expiresAt: number }>();

  constructor(private readonly clock: Clock) {}

  /** A password for the user `AWS` that lets `caller` push and pull for 12 hours */
  issueToken(caller: Caller): string {
    const password = randomBytes(96).toString('base64');
    this.issued.set(password, { caller, expiresAt: this.clock.now() + LIFETIME_MS });
    return password;
  }

  check(password: string): TokenCheck {
    const token = this.issued.get(password);
    if (token === undefined) return { status: 'unknown' };
    if (this.clock.now() >= token.expiresAt) return { status: 'expired' };
    return { status: 'valid', caller: token.caller };
  }
}
