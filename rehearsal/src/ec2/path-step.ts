/** One thing that a connection meets on its way. */
export type PathStep =
  /** e.g. `route table 'PrivateRouteTable': 0.0.0.0/0 to NAT gateway 'Nat'` */
  | { readonly kind: 'passes'; readonly hop: string }
  /** `why` names the rule or route that is missing */
  | { readonly kind: 'blocked'; readonly why: string }
  /** It depends on something that no template defines */
  | { readonly kind: 'unknown'; readonly why: string };

/** Whether a connection gets through. */
export type Verdict =
  | {
      readonly reachable: true;
      /** What it passes, in order */
      readonly path: readonly string[];
      /** What would have to be known to be sure, one sentence part each */
      readonly unproven: readonly string[];
    }
  /** The first thing that stops it */
  | { readonly reachable: false; readonly missing: string };

export const passes = (hop: string): PathStep => ({ kind: 'passes', hop });
export const blocked = (why: string): PathStep => ({ kind: 'blocked', why });
export const unknown = (why: string): PathStep => ({ kind: 'unknown', why });

export function verdictOn(steps: readonly PathStep[]): Verdict {
  const obstacle = steps.find((step) => step.kind === 'blocked');
  if (obstacle !== undefined) return { reachable: false, missing: obstacle.why };
  const path = steps.flatMap((step) => (step.kind === 'passes' ? [step.hop] : []));
  const unproven = steps.flatMap((step) => (step.kind === 'unknown' ? [step.why] : []));
  return { reachable: true, path: [...new Set(path)], unproven: [...new Set(unproven)] };
}
