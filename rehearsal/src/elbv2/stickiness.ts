import {
  cookieOf,
  type CookieRequest,
  sealedCookie,
  sealedCookies,
  sealedIn,
} from './sealed-cookie';

/** How a target group binds a client to a target. */
export type Stickiness =
  /** By a cookie of the load balancer's own */
  | { readonly type: 'lb_cookie'; readonly seconds: number }
  /** From when the application sets a cookie of this name, as long as the client brings it back */
  | { readonly type: 'app_cookie'; readonly cookieName: string; readonly seconds: number };

/** One request as far as stickiness goes. */
export interface StickyRequest extends CookieRequest {
  readonly groupArn: string;
}

/** The cookie names of duration-based stickiness are the same for every target group. */
const COOKIE = 'AWSALB';

/** Beside the application's cookie; further fragments (-1, …) are for longer contents than these. */
const APPLICATION_COOKIE = 'AWSALBAPP-0';
const APPLICATION_COOKIE_SECONDS = 7 * 24 * 60 * 60;

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
  const isOfApplication = stickiness.type === 'app_cookie';
  if (isOfApplication && cookieOf(cookieHeader, stickiness.cookieName) === undefined) {
    return undefined;
  }
  for (const name of isOfApplication ? [APPLICATION_COOKIE] : [COOKIE, `${COOKIE}CORS`]) {
    const [group, target, expires] = sealedIn(cookieHeader, name);
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
  const expires = now + stickiness.seconds * 1000;
  const parts = [groupArn, target, String(expires)];
  if (stickiness.type === 'lb_cookie') return sealedCookies(COOKIE, parts, expires, secure);
  const isBound =
    targetOfCookie(request, stickiness) !== undefined ||
    setsCookie(answerHeaders, stickiness.cookieName);
  return isBound
    ? sealedCookie(APPLICATION_COOKIE, parts, now + APPLICATION_COOKIE_SECONDS * 1000)
    : [];
}

function setsCookie(headers: readonly string[], name: string): boolean {
  return headers.some(
    (header, index) =>
      index % 2 === 0 &&
      header.toLowerCase() === 'set-cookie' &&
      headers[index + 1]?.startsWith(`${name}=`) === true,
  );
}
