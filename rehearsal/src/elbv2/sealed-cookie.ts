import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** One request as far as cookies of the load balancer go. */
export interface CookieRequest {
  /** `Cookie` of the request */
  readonly cookieHeader: string | undefined;
  /** Whether the client came by HTTPS */
  readonly secure: boolean;
  readonly now: number;
}

/** A cookie can be read by the load balancer that made it, and by nobody else. */
const KEY = randomBytes(32);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The value of a cookie as the client brought it; undefined without one. */
export function cookieOf(cookieHeader: string | undefined, name: string): string | undefined {
  return cookieHeader
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** What was sealed into a cookie of a name; empty without one, and for one foreign or damaged. */
export function sealedIn(cookieHeader: string | undefined, name: string): readonly string[] {
  const value = cookieOf(cookieHeader, name);
  return value === undefined ? [] : unseal(value);
}

/** A cookie for the client, as name and value of a header. */
export function sealedCookie(name: string, parts: readonly string[], expires: number): string[] {
  return ['Set-Cookie', `${name}=${seal(parts)}; ${lifetime(expires)}`];
}

/**
 * A cookie for the site, and one that browsers also bring with requests from other origins.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
export function sealedCookies(
  name: string,
  parts: readonly string[],
  expires: number,
  secure: boolean,
): string[] {
  const value = seal(parts);
  const attributes = lifetime(expires);
  const cors = `${attributes}; SameSite=None${secure ? '; Secure' : ''}`;
  return [
    ...['Set-Cookie', `${name}=${value}; ${attributes}`],
    ...['Set-Cookie', `${name}CORS=${value}; ${cors}`],
  ];
}

function lifetime(expires: number): string {
  return `Expires=${new Date(expires).toUTCString()}; Path=/`;
}

function seal(parts: readonly string[]): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', KEY, nonce);
  const sealed = [cipher.update(JSON.stringify(parts), 'utf8'), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64url');
}

function unseal(value: string): string[] {
  const bytes = Buffer.from(value, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return [];
  const decipher = createDecipheriv('aes-256-gcm', KEY, bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const text = [decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return JSON.parse(Buffer.concat(text).toString('utf8')) as string[];
  } catch {
    return [];
  }
}
