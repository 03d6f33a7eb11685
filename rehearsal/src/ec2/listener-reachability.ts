import {
  ANY_EPHEMERAL_PORTS,
  type ConnectionEnd,
  outside,
  PUBLIC_IPV6_ADDRESSES,
  subnetOf,
} from './connection-end';
import { inIpv6 } from './ipv6-addresses';
import { contains, firstAndLastHost, isEverything } from './ip-ranges';
import type { LoadBalancerNetwork } from './load-balancer-network';
import { networkAclSteps } from './network-acl-steps';
import type { NetworkModel, SecurityGroupRule } from './network-model';
import { blocked, type PathStep, unknown, type Verdict, verdictOn } from './path-step';
import { routeSteps } from './route-steps';
import { coversPort, securityGroupSteps } from './security-group-steps';
import type { TransportPort } from './transport-port';

/** A load balancer as clients see it. */
export interface ListeningEnd {
  readonly name: string;
  readonly isInternetFacing: boolean;
  readonly ipAddressType: LoadBalancerNetwork['ipAddressType'];
  /** One for each subnet */
  readonly ends: readonly ConnectionEnd[];
}

/** https://datatracker.ietf.org/doc/html/rfc1918 and rfc6598 */
const PRIVATE_BLOCKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/**
 * Whether clients can connect to a listener: everybody on the internet, or, where the security
 * groups let in only some, those.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
export function reachListener(
  model: NetworkModel,
  loadBalancer: ListeningEnd,
  port: TransportPort,
): Verdict {
  const byIpv4 = reachByIpv4(model, loadBalancer, port);
  if (byIpv4.reachable || loadBalancer.ipAddressType === 'ipv4') return byIpv4;
  const byIpv6 = verdictOn([
    ...fromInternet(
      model,
      outside('clients on the internet by IPv6', PUBLIC_IPV6_ADDRESSES),
      { ...loadBalancer, ends: loadBalancer.ends.map(inIpv6) },
      port,
    ),
    unknown(
      `only clients with IPv6 can connect to ${loadBalancer.name}; the traffic of this rehearsal stands for theirs`,
    ),
  ]);
  return byIpv6.reachable ? byIpv6 : byIpv4;
}

function reachByIpv4(
  model: NetworkModel,
  loadBalancer: ListeningEnd,
  port: TransportPort,
): Verdict {
  if (
    loadBalancer.ipAddressType === 'dualstack-without-public-ipv4' &&
    loadBalancer.isInternetFacing
  ) {
    const why = `${loadBalancer.name} has IpAddressType 'dualstack-without-public-ipv4', so clients on the internet need IPv6`;
    return verdictOn([blocked(why)]);
  }
  const everybody = outside('clients on the internet');
  const verdict = verdictOn(fromInternet(model, everybody, loadBalancer, port));
  if (verdict.reachable || admits(model, everybody, loadBalancer, port)) return verdict;
  for (const client of invitedClients(model, loadBalancer, port)) {
    const steps =
      client.subnet === 'outside'
        ? fromInternet(model, client, loadBalancer, port)
        : fromInside(model, client, loadBalancer, port);
    const invited = verdictOn([
      ...steps,
      unknown(`only ${client.name} can connect; the traffic of this rehearsal stands for theirs`),
    ]);
    if (invited.reachable) return invited;
  }
  return verdict;
}

function admits(
  model: NetworkModel,
  client: ConnectionEnd,
  { ends }: ListeningEnd,
  port: TransportPort,
): boolean {
  const steps = ends.flatMap((end) => securityGroupSteps(model, end, 'ingress', client, port));
  return verdictOn(steps).reachable;
}

function fromInternet(
  model: NetworkModel,
  client: ConnectionEnd,
  { name, isInternetFacing, ends }: ListeningEnd,
  port: TransportPort,
): PathStep[] {
  const scheme = isInternetFacing
    ? []
    : [blocked(`${name} has Scheme 'internal', so its name resolves to private addresses`)];
  return [
    ...scheme,
    ...ends.flatMap((end) => {
      const subnet = subnetOf(end);
      return [
        ...securityGroupSteps(model, end, 'ingress', client, port),
        ...networkAclSteps(client, end, port),
        // Whoever cannot answer cannot be connected to.
        ...(subnet === undefined
          ? [unknown(`the subnets of ${name} are in no template, so their routes are not checked`)]
          : routeSteps(model, end, subnet, client, port, 'answers')),
      ];
    }),
  ];
}

function fromInside(
  model: NetworkModel,
  client: ConnectionEnd,
  { name, isInternetFacing, ends }: ListeningEnd,
  port: TransportPort,
): PathStep[] {
  if (isInternetFacing) {
    return [blocked(`${name} has public addresses, at which ${client.name} do not arrive`)];
  }
  return ends.flatMap((end) => securityGroupSteps(model, end, 'ingress', client, port));
}

/** Clients that a rule names and that are not everybody. */
function invitedClients(
  model: NetworkModel,
  { ends }: ListeningEnd,
  port: TransportPort,
): ConnectionEnd[] {
  const ids = [...new Set(ends.flatMap(({ securityGroupIds }) => securityGroupIds ?? []))];
  return ids
    .flatMap((id) => model.securityGroups.get(id)?.ingress ?? [])
    .filter((rule) => coversPort(rule, port))
    .flatMap((rule) => clientsOf(model, rule));
}

function clientsOf(
  model: NetworkModel,
  { cidr, groupId, prefixListId }: SecurityGroupRule,
): ConnectionEnd[] {
  if (groupId !== undefined) {
    const name = model.securityGroups.get(groupId)?.name ?? groupId;
    return [insideClient(`clients in security group '${name}'`, [], [groupId])];
  }
  const blocks =
    prefixListId === undefined ? [cidr ?? ''] : (model.prefixLists.get(prefixListId) ?? []);
  return blocks
    .filter((block) => !isEverything(block) && !block.includes(':'))
    .flatMap((block) => {
      const addresses = firstAndLastHost(block);
      const [first = ''] = addresses;
      if (first === '') return [];
      const name = `clients of ${block}`;
      return PRIVATE_BLOCKS.some((range) => contains(range, first))
        ? [insideClient(name, addresses, [])]
        : [outside(name, addresses)];
    });
}

function insideClient(
  name: string,
  addresses: readonly string[],
  securityGroupIds: readonly string[],
): ConnectionEnd {
  return {
    name,
    subnet: undefined,
    addresses,
    securityGroupIds,
    hasPublicAddress: false,
    ephemeralPorts: ANY_EPHEMERAL_PORTS,
  };
}
