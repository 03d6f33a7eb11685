import { groupRotation } from './group-rotation';
import type { ForwardAction } from './listener-action';
import type { RegisteredTarget } from './registered-target';
import { type CookieRequest, sealedCookies, sealedIn } from './sealed-cookie';
import { type Stickiness, stickyCookies, targetOfCookie } from './stickiness';
import type { TargetGroup } from './target-group';
import type { TargetGroupDefinition } from './target-group-definition';
import type { WeightedRotation } from './weighted-rotation';

/** Where a request goes, and what binds its client to there. */
export interface ChosenTarget {
  readonly group: TargetGroup;
  readonly target: RegisteredTarget;
  /** What is added to the answer of the target; names and values in turn, both ways */
  readonly cookies: (answerHeaders: readonly string[]) => readonly string[];
}

/** The cookie names are the same for every rule. */
const COOKIE = 'AWSALBTG';

/** Chooses the target group of a forward action, and a target in it. */
export class TargetChoice {
  private readonly rotations = new Map<ForwardAction, WeightedRotation<TargetGroup>>();

  /** @param targetGroups by ARN; has every group that the actions name */
  constructor(private readonly targetGroups: ReadonlyMap<string, TargetGroup>) {}

  /** @returns the name of the group instead when it has no target to ask */
  choose(action: ForwardAction, request: CookieRequest): ChosenTarget | string {
    const group = this.groupFor(action, request);
    if (group === undefined) return '';
    const { arn: groupArn, name } = group.definition;
    const stickiness = stickinessIn(action, group.definition);
    const sticky = { ...request, groupArn };
    const target = group.choose(stickiness && targetOfCookie(sticky, stickiness));
    if (target === undefined) return name;
    return {
      group,
      target,
      cookies: (answerHeaders) => [
        ...groupCookies(action, groupArn, request),
        ...(stickiness === undefined
          ? []
          : stickyCookies(sticky, stickiness, target.name, answerHeaders)),
      ],
    };
  }

  /**
   * Where the action is sticky, the group that the client had last, whatever its weight and the
   * health of its targets; else by weight.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html and
   * https://repost.aws/questions/QUugYm4uzWSI2af5mnmMjlZQ/alb-to-automatically-redirect-traffic
   */
  private groupFor(action: ForwardAction, request: CookieRequest): TargetGroup | undefined {
    const bound = groupOfCookie(action, request);
    if (bound !== undefined) return this.targetGroups.get(bound);
    let rotation = this.rotations.get(action);
    if (rotation === undefined) {
      rotation = groupRotation(action, this.targetGroups);
      this.rotations.set(action, rotation);
    }
    return rotation.next();
  }
}

/**
 * Stickiness by the application's cookie does not work among several target groups.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
function stickinessIn(
  { targetGroups }: ForwardAction,
  { stickiness }: TargetGroupDefinition,
): Stickiness | undefined {
  return stickiness?.type === 'app_cookie' && targetGroups.length > 1 ? undefined : stickiness;
}

/** A cookie of another rule's group says nothing. */
function groupOfCookie(
  { targetGroups, stickySeconds }: ForwardAction,
  { cookieHeader, now }: CookieRequest,
): string | undefined {
  if (stickySeconds === undefined) return undefined;
  for (const name of [COOKIE, `${COOKIE}CORS`]) {
    const [group, expires] = sealedIn(cookieHeader, name);
    if (targetGroups.some(({ arn }) => arn === group) && Number(expires) > now) return group;
  }
  return undefined;
}

/** Every answer renews them. */
function groupCookies(
  { stickySeconds }: ForwardAction,
  groupArn: string,
  { now, secure }: CookieRequest,
): string[] {
  if (stickySeconds === undefined) return [];
  const expires = now + stickySeconds * 1000;
  return sealedCookies(COOKIE, [groupArn, String(expires)], expires, secure);
}
