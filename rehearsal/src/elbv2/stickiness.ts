import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** How a target group binds a client to a target. */
export type Stickiness =
  /** By a cookie of the load balancer's own */
  | { readonly type: 'lb_cookie'; readonly seconds: number }
  /** From when the application sets a cookie of this name, as long as the client brings it back */
  | { readonly type: 'app_cookie'; readonly cookieName: string; readonly seconds: number };

/** One request as far as stickiness goes. */
export interface StickyRequest {
  readonly groupArn: string;
  /** `Cookie` of the request */
  readonly cookieHeader: string | undefined;
  /** Whether the client came by HTTPS */
  readonly secure: boolean;
  readonly now: number;
}

/** The cookie names of duration-based stickiness are the same for every target group. */
const COOKIE = 'AWSALB';
const CORS_COOKIE = 'AWSALBCORS';

/** Beside the application's cookie; further fragments (-1, …) are for longer contents than these. */
const APPLICATION_COOKIE = 'AWSALBAPP-0';
const APPLICATION_COOKIE_SECONDS = 7 * 24 * 60 * 60;

/** A cookie can be read by the load balancer that made it, and by nobody else. */
const KEY = randomBytes(32);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The target that a client's cookies name.
 *
 * @returns undefined without one, for one that is over, foreign or damaged, and for one that comes
 *   without the application's
 */
export function targetOfCookie(
  { cookieHeader, groupArn, now }: StickyRequest,
  stickiness: Stickiness,
): string | undefined {
  if (cookieHeader === undefined) return undefined;
  const pairs = cookieHeader.split(';').map((pair) => pair.trim());
  const valueOf = (name: string) =>
    pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  const isOfApplication = stickiness.type === 'app_cookie';
  if (isOfApplication && valueOf(stickiness.cookieName) === undefined) return undefined;
  for (const name of isOfApplication ? [APPLICATION_COOKIE] : [COOKIE, CORS_COOKIE]) {
    const value = valueOf(name);
    const [group, target, expires] = value === undefined ? [] : unseal(value);
    if (group === groupArn && Number(expires) > now) return target;
  }
  return undefined;
}

/**
 * The cookies that bind a client to a target, as names and values of headers in turn. Every answer
 * renews those of duration-based stickiness. The one beside the application's is made when the
 * answer sets that, renewed while the client brings both, and lives for seven days.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 *
 * @param answerHeaders of the target, names and values in turn
 */
export function stickyCookies(
  request: StickyRequest,
  stickiness: Stickiness,
  target: string,
  answerHeaders: readonly string[],
): string[] {
  const { groupArn, secure, now } = request;
  const value = () => seal([groupArn, target, String(now + stickiness.seconds * 1000)]);
  if (stickiness.type === 'app_cookie') {
    const isBound =
      targetOfCookie(request, stickiness) !== undefined ||
      setsCookie(answerHeaders, stickiness.cookieName);
    const attributes = lifetime(now, APPLICATION_COOKIE_SECONDS);
    return isBound ? ['Set-Cookie', `${APPLICATION_COOKIE}=${value()}; ${attributes}`] : [];
  }
  const sealed = value();
  const attributes = lifetime(now, stickiness.seconds);
  const cors = `${attributes}; SameSite=None${secure ? '; Secure' : ''}`;
  return [
    'Set-Cookie',
    `${COOKIE}=${sealed}; ${attributes}`,
    'Set-Cookie',
    `${CORS_COOKIE}=${sealed}; ${cors}`,
  ];
}

function lifetime(now: number, seconds: number): string {
  return `Expires=${new Date(now + seconds * 1000).toUTCString()}; Path=/`;
}

function setsCookie(headers: readonly string[], name: string): boolean {
  return headers.some(
    (header, index) =>
      index % 2 === 0 &&
      header.toLowerCase() === 'set-cookie' &&
      headers[index + 1]?.startsWith(`${name}=`) === true,
  );
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
