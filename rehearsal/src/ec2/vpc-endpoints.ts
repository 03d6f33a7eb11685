import type { NetworkModel, Subnet, Vpc, VpcEndpoint } from './network-model';

/** The endpoints that a VPC has to a service. */
export function endpointsOf(
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
export function usedEndpoint(
  endpoints: readonly VpcEndpoint[],
  subnet: Subnet,
): VpcEndpoint | undefined {
  const useful = endpoints.filter((endpoint) => reasonAgainst(endpoint, subnet) === undefined);
  return useful.find(({ type }) => type === 'Interface') ?? useful[0];
}

/** Why connections from a subnet do not take an endpoint; undefined when they do. */
export function reasonAgainst(endpoint: VpcEndpoint, subnet: Subnet): string | undefined {
  const { name, type, routeTableIds } = endpoint;
  if (type === 'Gateway' && !routeTableIds.includes(subnet.routeTable.id)) {
    return `gateway endpoint '${name}' is not in ${subnet.routeTable.name}`;
  }
  if (type !== 'Gateway' && !answersToPublicName(endpoint, subnet.vpc)) {
    return `VPC endpoint '${name}' has no private DNS name`;
  }
  if (!subnet.ipv6Native) return undefined;
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
  if (/\.ecr\.(api|dkr)$/.test(endpoint.serviceName)) {
    return `ECR has no VPC endpoints that tasks without IPv4 can use, as '${name}' would be`;
  }
  return endpoint.answersByIpv6
    ? undefined
    : `VPC endpoint '${name}' has no addresses of IPv6: its IpAddressType or DnsRecordIpType is 'ipv4'`;
}

/** https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html */
function answersToPublicName(
  { type, privateDnsEnabled }: VpcEndpoint,
  vpc: Vpc | undefined,
): boolean {
  return type === 'Interface' && privateDnsEnabled && vpc?.privateDns !== false;
}
