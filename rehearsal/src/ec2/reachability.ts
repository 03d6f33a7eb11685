import {
  type ConnectionEnd,
  LINUX_EPHEMERAL_PORTS,
  outside,
  PUBLIC_ADDRESSES,
  subnetOf,
} from './connection-end';
import { firstAndLastHost } from './ip-ranges';
import { networkAclSteps } from './network-acl-steps';
import type { NetworkModel, Subnet, Vpc, VpcEndpoint } from './network-model';
import { blocked, passes, type PathStep, unknown, type Verdict, verdictOn } from './path-step';
import { mostSpecificRoute, routeSteps } from './route-steps';
import { securityGroupSteps } from './security-group-steps';
import { tcp, type TransportPort } from './transport-port';

const HTTPS = tcp(443);

/**
 * Whether a service of AWS can be reached, by a VPC endpoint or over the internet.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
 *
 * @param service as VPC endpoints call it, e.g. `ecr.api` or `s3`
 */
export function reachAwsService(
  model: NetworkModel,
  from: ConnectionEnd,
  service: string,
  region: string,
): Verdict {
  const subnet = subnetOf(from);
  const services = outside(`${service}.${region}.amazonaws.com`);
  const out = securityGroupSteps(model, from, 'egress', services, HTTPS);
  if (subnet === undefined) {
    return verdictOn([
      ...out,
      unknown(`the subnet of ${from.name} is in no template, so its routes are not checked`),
    ]);
  }
  const { vpc } = subnet;
  if (vpc?.dnsSupport === false) {
    return verdictOn([
      blocked(`VPC '${vpc.name}' has EnableDnsSupport off, so no name of a service is resolved`),
    ]);
  }
  const endpoints = endpointsOf(model, subnet, service, region);
  const used = usedEndpoint(endpoints, subnet);
  if (used?.type === 'Interface') return verdictOn(endpointSteps(model, from, used));
  const gateway = used;
  return verdictOn([
    ...out,
    ...networkAclSteps(from, services, HTTPS),
    ...(gateway === undefined
      ? routeSteps(model, from, subnet, services, HTTPS).map(withHint(endpoints, subnet))
      : [passes(`gateway endpoint '${gateway.name}'`)]),
  ]);
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

function endpointsOf(
  model: NetworkModel,
  { vpcId }: Subnet,
  service: string,
  region: string,
): readonly VpcEndpoint[] {
  return model.endpoints.filter(
    (endpoint) =>
      endpoint.vpcId === vpcId && endpoint.serviceName.endsWith(`.${region}.${service}`),
  );
}

/** An interface endpoint that answers to the service's name comes before a gateway. */
function usedEndpoint(
  endpoints: readonly VpcEndpoint[],
  { vpc, routeTable }: Subnet,
): VpcEndpoint | undefined {
  return (
    endpoints.find((endpoint) => answersToPublicName(endpoint, vpc)) ??
    endpoints.find(
      ({ type, routeTableIds }) => type === 'Gateway' && routeTableIds.includes(routeTable.id),
    )
  );
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
    ...outside(`clients of ${name}, whose addresses it preserves`, addresses),
    securityGroupIds,
  };
  return verdictOn([
    ...securityGroupSteps(model, to, 'ingress', clients, port),
    ...networkAclSteps(clients, to, port),
  ]);
}

/** https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html */
function answersToPublicName(
  { type, privateDnsEnabled }: VpcEndpoint,
  vpc: Vpc | undefined,
): boolean {
  return type === 'Interface' && privateDnsEnabled && vpc?.privateDns !== false;
}

function endpointSteps(
  model: NetworkModel,
  from: ConnectionEnd,
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
    return [...insideSteps(model, from, to, HTTPS), passes(name)];
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
  const unused = endpoints.map(({ name, type }) =>
    type === 'Gateway'
      ? `gateway endpoint '${name}' is not in ${subnet.routeTable.name}`
      : `VPC endpoint '${name}' has no private DNS name`,
  );
  const hint = unused.length === 0 ? '' : ` (${unused.join('; ')})`;
  return (step: PathStep): PathStep =>
    step.kind === 'blocked' ? blocked(`${step.why}${hint}`) : step;
}
