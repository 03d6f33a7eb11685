import type { ConnectionEnd } from './connection-end';
import { contains, isEverything } from './ip-ranges';
import type { NetworkModel, SecurityGroupRule } from './network-model';
import { blocked, passes, type PathStep, unknown } from './path-step';
import { describePort, PROTOCOL_NUMBERS, type TransportPort } from './transport-port';

/** `maybe`: it depends on something that no template defines. */
type Match = 'yes' | 'maybe' | 'no';

/**
 * What the security groups of `owner` say to traffic with `peer`. Rules add up over all groups, and
 * only allow; answers are let through by themselves.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 *
 * @param port of the end that is asked
 */
export function securityGroupSteps(
  model: NetworkModel,
  owner: ConnectionEnd,
  direction: 'ingress' | 'egress',
  peer: ConnectionEnd,
  port: TransportPort,
): PathStep[] {
  const ids = owner.securityGroupIds;
  if (ids === undefined) return [];
  const groups = ids.map((id) => model.securityGroups.get(id));
  const rules = groups
    .flatMap((group) => group?.[direction] ?? [])
    .filter((rule) => coversPort(rule, port));
  const addresses = peer.addresses.length === 0 ? [undefined] : peer.addresses;
  const matches = addresses.map((address) => ({
    address,
    match: best(rules.map((rule) => matchPeer(model, rule, peer, address))),
  }));
  const names = groups.map((group, index) => `'${group?.name ?? ids[index] ?? ''}'`).join(', ');
  const subject = `security group ${names} of ${owner.name}`;
  const worst = matches.find(({ match }) => match === 'no');
  if (worst === undefined) {
    return matches.every(({ match }) => match === 'yes')
      ? [passes(`${direction} rule for ${describePort(port)} of ${subject}`)]
      : [
          unknown(
            `whether ${subject} lets ${describePort(port)} through is up to what no template defines`,
          ),
        ];
  }
  if (groups.includes(undefined)) {
    return [unknown(`${subject} is not in the templates, so its rules are not checked`)];
  }
  const address = worst.address === undefined ? '' : ` (${worst.address})`;
  const preposition = direction === 'ingress' ? 'from' : 'to';
  return [
    blocked(
      `${subject} has no ${direction} rule for ${describePort(port)} ${preposition} ${peer.name}${address}`,
    ),
  ];
}

/** Whether a rule is about traffic to a port. */
export function coversPort(rule: SecurityGroupRule, { protocol, port }: TransportPort): boolean {
  const name = rule.protocol.toLowerCase();
  if (name === '-1' || name === 'all') return true;
  const { fromPort = 0, toPort = 65_535 } = rule;
  const isIts = name === protocol || name === String(PROTOCOL_NUMBERS[protocol]);
  return isIts && fromPort <= port && port <= toPort;
}

function matchPeer(
  model: NetworkModel,
  { cidr, groupId, prefixListId }: SecurityGroupRule,
  peer: ConnectionEnd,
  address: string | undefined,
): Match {
  if (groupId !== undefined) return peer.securityGroupIds?.includes(groupId) ? 'yes' : 'no';
  if (prefixListId !== undefined) {
    const blocks = model.prefixLists.get(prefixListId);
    if (blocks === undefined) return 'maybe';
    return best(blocks.map((block) => matchBlock(block, address)));
  }
  return cidr === undefined ? 'no' : matchBlock(cidr, address);
}

function matchBlock(block: string, address: string | undefined): Match {
  if (address !== undefined) return contains(block, address) ? 'yes' : 'no';
  // What has no known address has an IPv4 one.
  if (block.includes(':')) return 'no';
  return isEverything(block) ? 'yes' : 'maybe';
}

function best(matches: readonly Match[]): Match {
  return matches.includes('yes') ? 'yes' : matches.includes('maybe') ? 'maybe' : 'no';
}
