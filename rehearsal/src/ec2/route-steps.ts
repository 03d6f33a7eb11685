import { ANY_EPHEMERAL_PORTS, type ConnectionEnd } from './connection-end';
import { contains, firstAndLastHost, prefixLength } from './ip-ranges';
import { isInIpv6, translated } from './ipv6-addresses';
import { networkAclSteps } from './network-acl-steps';
import type { RouteProperties } from './network-definitions';
import type { NatGateway, NetworkModel, Subnet } from './network-model';
import { blocked, passes, type PathStep, unknown } from './path-step';
import type { TransportPort } from './transport-port';

/** Targets that lead to something that templates of this kind do not describe. */
const LEADING_AWAY = [
  'CarrierGatewayId',
  'CoreNetworkArn',
  'InstanceId',
  'LocalGatewayId',
  'NetworkInterfaceId',
  'TransitGatewayId',
  'VpcEndpointId',
  'VpcPeeringConnectionId',
] as const;

/**
 * The route that decides about an address: the most specific one; undefined when there is none.
 * https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html#route-tables-priority
 */
export function mostSpecificRoute(
  routes: readonly RouteProperties[],
  prefixLists: NetworkModel['prefixLists'],
  address: string,
): RouteProperties | undefined {
  const specificity = (route: RouteProperties) =>
    Math.max(
      -1,
      ...destinations(route, prefixLists)
        .filter((block) => contains(block, address))
        .map(prefixLength),
    );
  return routes
    .map((route) => ({ route, bits: specificity(route) }))
    .filter(({ bits }) => bits >= 0)
    .sort((a, b) => b.bits - a.bits)[0]?.route;
}

/**
 * How what leaves `subnet` gets out of the VPC to every address of `to`.
 *
 * @param purpose whether `from` opens the connection, or answers to one that `to` opened
 */
export function routeSteps(
  model: NetworkModel,
  from: ConnectionEnd,
  subnet: Subnet,
  to: ConnectionEnd,
  port: TransportPort,
  purpose: 'connection' | 'answers' = 'connection',
): PathStep[] {
  return to.addresses.flatMap((address) => {
    const { routeTable, name } = subnet;
    const route = mostSpecificRoute(routeTable.routes, model.prefixLists, address);
    if (route === undefined) {
      return [blocked(`${routeTable.name} of subnet '${name}' has no route to ${to.name}`)];
    }
    const via = `${routeTable.name}: ${describeDestination(route)} to`;
    if (translated(address) !== undefined && route.NatGatewayId === undefined) {
      return [blocked(`${via} no NAT gateway, and only that translates 64:ff9b::/96`)];
    }
    if (route.GatewayId !== undefined) {
      return internetGatewaySteps(model, from, subnet, route.GatewayId, via);
    }
    if (route.NatGatewayId !== undefined) {
      const nat = model.natGateways.get(route.NatGatewayId);
      if (nat === undefined) return [unknown(`${via} a NAT gateway that no template defines`)];
      return [passes(`${via} NAT gateway '${nat.name}'`), ...natSteps(model, from, nat, to, port)];
    }
    if (route.EgressOnlyInternetGatewayId !== undefined) {
      return [egressOnlyStep(model, route.EgressOnlyInternetGatewayId, via, purpose)];
    }
    const away = LEADING_AWAY.find((target) => route[target] !== undefined);
    return [
      away === undefined
        ? blocked(`${via} nothing`)
        : unknown(`${via} ${away} '${route[away] ?? ''}', which is not played`),
    ];
  });
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html */
function egressOnlyStep(
  model: NetworkModel,
  gatewayId: string,
  via: string,
  purpose: 'connection' | 'answers',
): PathStep {
  if (purpose === 'answers') {
    return blocked(`${via} an egress-only internet gateway, which lets no connection in`);
  }
  const name = model.egressOnlyGateways.get(gatewayId);
  return name === undefined
    ? unknown(`${via} egress-only internet gateway '${gatewayId}', which no template defines`)
    : passes(`${via} egress-only internet gateway '${name}'`);
}

function internetGatewaySteps(
  model: NetworkModel,
  from: ConnectionEnd,
  { name: subnetName, vpc }: Subnet,
  gatewayId: string,
  via: string,
): PathStep[] {
  const gatewayName = model.internetGateways.get(gatewayId);
  if (gatewayName === undefined || vpc === undefined) {
    if (gatewayId === 'local') return [blocked(`${via} 'local', which stays in the VPC`)];
    return [unknown(`${via} gateway '${gatewayId}', which no template defines`)];
  }
  if (!vpc.internetGateways.includes(gatewayId)) {
    return [
      blocked(`${via} internet gateway '${gatewayName}', which is not attached to '${vpc.name}'`),
    ];
  }
  if (!from.hasPublicAddress) {
    return [
      blocked(
        `${via} internet gateway '${gatewayName}', which passes nothing of ${from.name} in subnet '${subnetName}', because it has no public address`,
      ),
    ];
  }
  return [passes(`${via} internet gateway '${gatewayName}'`)];
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html */
function natSteps(
  model: NetworkModel,
  from: ConnectionEnd,
  nat: NatGateway,
  asked: ConnectionEnd,
  port: TransportPort,
): PathStep[] {
  const name = `NAT gateway '${nat.name}'`;
  const to = { ...asked, addresses: asked.addresses.map((one) => translated(one) ?? one) };
  if (isInIpv6(to)) {
    return [
      blocked(`${name} passes no IPv6 but to addresses of 64:ff9b::/96, which it translates`),
    ];
  }
  if (!nat.isPublic) return [blocked(`${name} is private: it leads to no public address`)];
  if (!nat.hasAddress) return [blocked(`${name} has no AllocationId, so no public address`)];
  if (nat.subnetId === undefined) {
    const gateways = model.vpcs.get(nat.vpcId ?? '')?.internetGateways;
    if (gateways === undefined) return [unknown(`${name} is in a VPC that no template defines`)];
    return gateways.length === 0
      ? [blocked(`the VPC of ${name} has no internet gateway`)]
      : [passes(name)];
  }
  const subnet = model.subnets.get(nat.subnetId);
  if (subnet === undefined) return [unknown(`${name} is in a subnet that no template defines`)];
  const end: ConnectionEnd = {
    name,
    subnet,
    addresses: firstAndLastHost(subnet.cidrBlock ?? ''),
    securityGroupIds: undefined,
    hasPublicAddress: true,
    ephemeralPorts: ANY_EPHEMERAL_PORTS,
  };
  const leadsToNat = to.addresses.some((address) => {
    const route = mostSpecificRoute(subnet.routeTable.routes, model.prefixLists, address);
    return route?.NatGatewayId !== undefined;
  });
  if (leadsToNat) {
    return [
      blocked(
        `${name} is in subnet '${subnet.name}', whose ${subnet.routeTable.name} leads to a NAT gateway, not to an internet gateway`,
      ),
    ];
  }
  return [
    // What passes a NAT gateway keeps its destination: the ACL of its subnet sees that address.
    ...networkAclSteps(from, { ...end, addresses: asked.addresses, name: asked.name }, port),
    ...routeSteps(model, end, subnet, to, port),
    ...networkAclSteps(end, to, port),
  ];
}

function destinations(
  route: RouteProperties,
  prefixLists: NetworkModel['prefixLists'],
): readonly string[] {
  return [
    route.DestinationCidrBlock ?? [],
    route.DestinationIpv6CidrBlock ?? [],
    prefixLists.get(route.DestinationPrefixListId ?? '') ?? [],
  ].flat();
}

function describeDestination(route: RouteProperties): string {
  return (
    route.DestinationCidrBlock ??
    route.DestinationIpv6CidrBlock ??
    route.DestinationPrefixListId ??
    ''
  );
}
