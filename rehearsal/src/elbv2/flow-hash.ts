import { createHash } from 'node:crypto';

/**
 * The target of a flow by a hash of what tells the flow from others: the same as long as the targets
 * are the same. Which hash a Network Load Balancer uses is not documented; with this one (highest
 * random weight) a target that comes or goes moves no other flows than those that it gets or had.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/introduction.html
 */
export function targetOfFlow<Target extends { readonly name: string }>(
  flow: string,
  targets: readonly Target[],
): Target | undefined {
  return targets
    .map((target) => ({ target, weight: weightOf(`${flow}|${target.name}`) }))
    .sort((one, other) => other.weight - one.weight)[0]?.target;
}

function weightOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE();
}
