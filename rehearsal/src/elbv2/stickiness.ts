import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The cookie names of duration-based stickiness are the same for every target group. */
const COOKIE = 'AWSALB';
const CORS_COOKIE = 'AWSALBCORS';

/** A cookie can be read by the load balancer that made it, and by nobody else. */
const KEY = randomBytes(32);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The target that a client's cookie names.
 *
 * @param cookieHeader `Cookie` of the request
 * @returns undefined without a cookie, and for one that is over, foreign or damaged
 */
export function targetOfCookie(
  cookieHeader: string | undefined,
  groupArn: string,
  now: number,
): string | undefined {
  const cookies = (cookieHeader ?? '').split(';').map((pair) => pair.trim());
  for (const name of [COOKIE, CORS_COOKIE]) {
    const value = cookies.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
    const [group, target, expires] = value === undefined ? [] : unseal(value);
    if (group === groupArn && Number(expires) > now) return target;
  }
  return undefined;
}

/**
 * The cookies that bind a client to a target, as names and values of headers in turn. Every answer
 * renews them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
export function stickyCookies(
  target: string,
  group: { readonly arn: string; readonly seconds: number },
  secure: boolean,
  now: number,
): string[] {
  const expires = now + group.seconds * 1000;
  const value = seal([group.arn, target, String(expires)]);
  const attributes = `Expires=${new Date(expires).toUTCString()}; Path=/`;
  const cors = `${attributes}; SameSite=None${secure ? '; Secure' : ''}`;
  return [
    'Set-Cookie',
    `${COOKIE}=${value}; ${attributes}`,
    'Set-Cookie',
    `${CORS_COOKIE}=${value}; ${cors}`,
  ];
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
