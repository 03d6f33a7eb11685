import {
  type ConnectionEnd,
  LINUX_EPHEMERAL_PORTS,
  outside,
  PUBLIC_ADDRESSES,
  PUBLIC_IPV6_ADDRESSES,
  subnetOf,
} from './connection-end';
import { firstAndLastHost } from './ip-ranges';
import { inIpv6, isInIpv6, synthesized } from './ipv6-addresses';
import { networkAclSteps } from './network-acl-steps';
import type { NetworkModel, Subnet, VpcEndpoint } from './network-model';
import { blocked, passes, type PathStep, unknown, type Verdict, verdictOn } from './path-step';
import type { EndpointType } from './reachability-questions';
import { mostSpecificRoute, routeSteps } from './route-steps';
import { securityGroupSteps } from './security-group-steps';
import { tcp, type TransportPort } from './transport-port';
import { endpointsOf, reasonAgainst, usedEndpoint } from './vpc-endpoints';

const HTTPS = tcp(443);

/**
 * Whether a service of AWS can be reached, by a VPC endpoint or over the internet.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
 *
 * @param service as VPC endpoints call it, e.g. `ecr.api` or `s3`
 * @param endpointType of the name that is asked for where there is no IPv4
 */
export function reachAwsService(
  model: NetworkModel,
  from: ConnectionEnd,
  service: string,
  region: string,
  endpointType: EndpointType = 'dualstack',
): Verdict {
  const subnet = subnetOf(from);
  const name = `${service}.${region}.amazonaws.com`;
  if (subnet === undefined) return fromUnknownSubnet(model, from, name);
  if (subnet.vpc?.dnsSupport === false) return verdictOn([unresolved(subnet.vpc.name)]);
  const needsNat64 = subnet.ipv6Native && endpointType === 'ipv4';
  if (needsNat64 && !subnet.dns64) {
    return verdictOn([
      blocked(
        `subnet '${subnet.name}' has no IPv4, and without EnableDns64 there is no way to ${name}, which has no addresses of IPv6`,
      ),
    ]);
  }
  const endpoints = needsNat64 ? [] : endpointsOf(model, subnet, service, region);
  const used = usedEndpoint(endpoints, subnet);
  if (used?.type === 'Interface') return verdictOn(endpointSteps(model, from, subnet, used));
  const gateway = used;
  const services = servicesFor(subnet, name, endpointType);
  return verdictOn([
    ...securityGroupSteps(model, from, 'egress', services, HTTPS),
    ...networkAclSteps(from, services, HTTPS),
    ...(gateway === undefined
      ? routeSteps(model, from, subnet, services, HTTPS).map(withHint(endpoints, subnet))
      : [passes(`gateway endpoint '${gateway.name}'`)]),
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
    ...(needsNat64
      ? [
          unknown(
            `${from.name} reaches ${name} by NAT64; AWS documents that without IPv4 images of ECR are asked for by its dual-stack name (ACCOUNT.dkr-ecr.REGION.on.aws)`,
          ),
        ]
      : []),
  ]);
}

/**
 * Whether a host on the internet can be reached by HTTPS, e.g. the registry of a public image.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
 */
export function reachInternet(model: NetworkModel, from: ConnectionEnd, host: string): Verdict {
  const subnet = subnetOf(from);
  if (subnet === undefined) return fromUnknownSubnet(model, from, host);
  if (subnet.vpc?.dnsSupport === false) return verdictOn([unresolved(subnet.vpc.name)]);
  const to = servicesFor(subnet, host, subnet.dns64 ? 'ipv4' : 'dualstack');
  return verdictOn([
    ...securityGroupSteps(model, from, 'egress', to, HTTPS),
    ...networkAclSteps(from, to, HTTPS),
    ...routeSteps(model, from, subnet, to, HTTPS),
    ...(subnet.ipv6Native
      ? [unknown(`whether ${host} has addresses of IPv6, as ${from.name} has none of IPv4`)]
      : []),
  ]);
}

function fromUnknownSubnet(model: NetworkModel, from: ConnectionEnd, name: string): Verdict {
  return verdictOn([
    ...securityGroupSteps(model, from, 'egress', outside(name), HTTPS),
    unknown(`the subnet of ${from.name} is in no template, so its routes are not checked`),
  ]);
}

function unresolved(vpcName: string): PathStep {
  return blocked(`VPC '${vpcName}' has EnableDnsSupport off, so no name of a service is resolved`);
}

/** Services as something in a subnet sees them: by IPv6 where it has nothing else. */
function servicesFor(
  { ipv6Native }: Subnet,
  name: string,
  endpointType: EndpointType,
): ConnectionEnd {
  if (!ipv6Native) return outside(name);
  return endpointType === 'dualstack'
    ? outside(`${name} by IPv6`, PUBLIC_IPV6_ADDRESSES)
    : outside(`${name} by NAT64`, PUBLIC_ADDRESSES.map(synthesized));
}

/** The endpoint by which a service is reached from a subnet; undefined when none is. */
export function endpointTo(
  model: NetworkModel,
  subnet: Subnet,
  service: string,
  region: string,
): VpcEndpoint | undefined {
  return usedEndpoint(endpointsOf(model, subnet, service, region), subnet);
}

/** Whether traffic inside a VPC gets through, e.g. from a load balancer to a task. */
export function reachInside(
  model: NetworkModel,
  from: ConnectionEnd,
  to: ConnectionEnd,
  port: TransportPort,
): Verdict {
  return verdictOn(insideSteps(model, from, to, port));
}

/**
 * Whether what a load balancer passes on with the addresses of its clients gets through. Rules that
 * name the load balancer's security group let it through as well.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
 */
export function reachAsClient(
  model: NetworkModel,
  loadBalancer: ConnectionEnd,
  to: ConnectionEnd,
  port: TransportPort,
): Verdict {
  const { name, securityGroupIds, hasPublicAddress } = loadBalancer;
  // Clients of an internal load balancer have private addresses that no template tells.
  const addresses = hasPublicAddress ? PUBLIC_ADDRESSES : [];
  const clients = {
    ...outside(
      `clients of ${name}, whose addresses it preserves`,
      isInIpv6(to) ? PUBLIC_IPV6_ADDRESSES : addresses,
    ),
    securityGroupIds,
  };
  return verdictOn([
    ...securityGroupSteps(model, to, 'ingress', clients, port),
    ...networkAclSteps(clients, to, port),
  ]);
}

function endpointSteps(
  model: NetworkModel,
  from: ConnectionEnd,
  { ipv6Native }: Subnet,
  endpoint: VpcEndpoint,
): PathStep[] {
  const name = `VPC endpoint '${endpoint.name}'`;
  const { vpcId, securityGroupIds } = endpoint;
  const defaultGroup = model.vpcs.get(vpcId)?.defaultSecurityGroupId ?? `default of ${vpcId}`;
  if (endpoint.subnetIds.length === 0) return [blocked(`${name} is in no subnet`)];
  return endpoint.subnetIds.flatMap((id) => {
    const subnet = model.subnets.get(id);
    const to: ConnectionEnd = {
      name,
      subnet,
      addresses: firstAndLastHost(subnet?.cidrBlock ?? ''),
      securityGroupIds: securityGroupIds.length === 0 ? [defaultGroup] : securityGroupIds,
      hasPublicAddress: false,
      ephemeralPorts: LINUX_EPHEMERAL_PORTS,
    };
    const steps = insideSteps(model, from, ipv6Native ? inIpv6(to) : to, HTTPS);
    // Which of a service's names Fargate asks for without IPv4 is not documented.
    return ipv6Native
      ? [...steps, unknown(`whether ${name} answers to the name that tasks without IPv4 ask for`)]
      : [...steps, passes(name)];
  });
}

function insideSteps(
  model: NetworkModel,
  from: ConnectionEnd,
  to: ConnectionEnd,
  port: TransportPort,
): PathStep[] {
  return [
    ...securityGroupSteps(model, from, 'egress', to, port),
    ...localRouteSteps(model, from, to),
    ...networkAclSteps(from, to, port),
    ...securityGroupSteps(model, to, 'ingress', from, port),
  ];
}

function localRouteSteps(model: NetworkModel, from: ConnectionEnd, to: ConnectionEnd): PathStep[] {
  const source = subnetOf(from);
  const destination = subnetOf(to);
  if (source === undefined || destination === undefined) {
    const end = source === undefined ? from : to;
    return [unknown(`the subnet of ${end.name} is in no template, so its routes are not checked`)];
  }
  if (source.vpcId === destination.vpcId) return [passes('the local route of the VPC')];
  const [address = ''] = to.addresses;
  return mostSpecificRoute(source.routeTable.routes, model.prefixLists, address) === undefined
    ? [blocked(`${from.name} and ${to.name} are in different VPCs without a route between them`)]
    : [unknown(`the route from ${from.name} to ${to.name} leaves the VPC`)];
}

/** Endpoints that are there and of no use are the likeliest mistake. */
function withHint(endpoints: readonly VpcEndpoint[], subnet: Subnet) {
  const unused = endpoints.flatMap((endpoint) => reasonAgainst(endpoint, subnet) ?? []);
  const hint = unused.length === 0 ? '' : ` (${unused.join('; ')})`;
  return (step: PathStep): PathStep =>
    step.kind === 'blocked' ? blocked(`${step.why}${hint}`) : step;
}
