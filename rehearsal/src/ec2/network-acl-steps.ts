import type { ConnectionEnd } from './connection-end';
import { subnetOf } from './connection-end';
import { contains, isEverything } from './ip-ranges';
import type { AclEntryProperties } from './network-definitions';
import type { NetworkAcl } from './network-model';
import { blocked, type PathStep } from './path-step';
import { describePort, PROTOCOL_NUMBERS, type TransportPort } from './transport-port';

const ALL_PROTOCOLS = -1;

/**
 * What the network ACLs of both subnets say to traffic. They know nothing of connections, so the
 * answers need rules too, and they see only what crosses the border of a subnet.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
 */
export function networkAclSteps(
  from: ConnectionEnd,
  to: ConnectionEnd,
  port: TransportPort,
): PathStep[] {
  const source = subnetOf(from)?.networkAcl;
  const destination = subnetOf(to)?.networkAcl;
  const isSameSubnet = subnetOf(from) !== undefined && subnetOf(from) === subnetOf(to);
  if (isSameSubnet) return [];
  const answers = from.ephemeralPorts.map((one) => ({ ...port, port: one }));
  return [
    ...oneWay(source, true, to, [port]),
    ...oneWay(destination, false, from, [port]),
    ...oneWay(destination, true, from, answers),
    ...oneWay(source, false, to, answers),
  ];
}

function oneWay(
  acl: NetworkAcl | undefined,
  egress: boolean,
  peer: ConnectionEnd,
  ports: readonly TransportPort[],
): PathStep[] {
  if (acl === undefined) return [];
  const addresses = peer.addresses.length === 0 ? [undefined] : peer.addresses;
  const denied = ports.find((port) =>
    addresses.some((address) => !allows(acl.entries, egress, address, port)),
  );
  if (denied === undefined) return [];
  const direction = egress ? 'outbound' : 'inbound';
  const preposition = egress ? 'to' : 'from';
  return [
    blocked(
      `network ACL '${acl.name}' does not allow ${describePort(denied)} ${direction} ${preposition} ${peer.name}`,
    ),
  ];
}

/**
 * Whether the entries let a packet through: the first that matches decides, and at the end
 * everything is denied.
 *
 * @param entries in the order of their rule numbers
 * @param address undefined when it is not known; then only rules for all addresses match
 */
export function allows(
  entries: readonly AclEntryProperties[],
  egress: boolean,
  address: string | undefined,
  port: TransportPort,
): boolean {
  const decisive = entries.find(
    (entry) =>
      entry.Egress === egress &&
      coversProtocol(entry, port) &&
      coversAddress(entry.CidrBlock ?? entry.Ipv6CidrBlock ?? '', address),
  );
  return decisive?.RuleAction === 'allow';
}

function coversProtocol(
  { Protocol, PortRange }: AclEntryProperties,
  { protocol, port }: TransportPort,
): boolean {
  if (Protocol === ALL_PROTOCOLS) return true;
  if (Protocol !== PROTOCOL_NUMBERS[protocol]) return false;
  const { From = 0, To = 65_535 } = PortRange ?? {};
  return From <= port && port <= To;
}

function coversAddress(block: string, address: string | undefined): boolean {
  return address === undefined ? isEverything(block) : contains(block, address);
}
