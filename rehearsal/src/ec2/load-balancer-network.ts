import { z } from 'zod';
import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { cfnString, readProperties } from '../cloudformation/read-properties';
import { tcp, type TransportPort, udp } from './transport-port';

/** Where a load balancer stands. */
export interface LoadBalancerNetwork {
  /** For people, e.g. `load balancer 'Alb'` */
  readonly name: string;
  /** @default true */
  readonly isInternetFacing: boolean;
  /** `dualstack-without-public-ipv4`: public addresses of IPv6 alone. @default ipv4 */
  readonly ipAddressType: 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4';
  readonly subnetIds: readonly string[];
  /** Empty for the default one of the VPC; undefined for a Network Load Balancer without any */
  readonly securityGroupIds: readonly string[] | undefined;
}

/** Properties of AWS::ElasticLoadBalancingV2::LoadBalancer that the network acts on. */
export const playedLoadBalancerNetworkProperties = [
  'IpAddressType',
  'Scheme',
  'SecurityGroups',
  'Subnets',
  'SubnetMappings.SubnetId',
] as const;

/** Properties of AWS::ElasticLoadBalancingV2::TargetGroup that the network and ECS act on. */
export const playedTargetGroupNetworkProperties = ['IpAddressType'] as const;

const schema = z.object({
  IpAddressType: z.enum(['ipv4', 'dualstack', 'dualstack-without-public-ipv4']).default('ipv4'),
  Scheme: z.enum(['internet-facing', 'internal']).default('internet-facing'),
  Type: cfnString.default('application'),
  SecurityGroups: z.array(cfnString).optional(),
  Subnets: z.array(cfnString).default([]),
  SubnetMappings: z.array(z.object({ SubnetId: cfnString })).default([]),
});

/**
 * Whether packets reach the targets of a group with the addresses of clients, as a Network Load
 * Balancer can leave them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
 */
export function preservesClients(
  { properties }: DeployedResource,
  protocol: TransportPort['protocol'],
): boolean {
  // With UDP it cannot be switched off.
  if (protocol === 'udp' || properties['Protocol'] === 'TCP_UDP') return true;
  // Only health checks come to its targets by TCP.
  if (properties['Protocol'] === 'UDP') return false;
  const attributes = properties['TargetGroupAttributes'];
  return (Array.isArray(attributes) ? attributes : []).some(
    (attribute: { Key?: unknown; Value?: unknown }) =>
      attribute.Key === 'preserve_client_ip.enabled' && String(attribute.Value) === 'true',
  );
}

/** What clients ask a listener at; both for `TCP_UDP`. */
export function listenerPorts({ properties }: DeployedResource): readonly TransportPort[] {
  const { Port, Protocol } = properties;
  const port = Number(Port);
  if (Protocol === 'TCP_UDP') return [tcp(port), udp(port)];
  return [Protocol === 'UDP' ? udp(port) : tcp(port)];
}

/** @throws RehearsalError `PropertyInvalid` */
export function readLoadBalancerNetwork(resource: DeployedResource): LoadBalancerNetwork {
  const properties = readProperties(resource, schema);
  const { Scheme, Type, SecurityGroups, Subnets, SubnetMappings } = properties;
  return {
    name: `load balancer '${resource.logicalId}'`,
    isInternetFacing: Scheme === 'internet-facing',
    ipAddressType: properties.IpAddressType,
    subnetIds: [...Subnets, ...SubnetMappings.map(({ SubnetId }) => SubnetId)],
    securityGroupIds: SecurityGroups ?? (Type === 'application' ? [] : undefined),
  };
}

/** The load balancers whose listeners, or rules of theirs, name a target group. */
export function loadBalancersOf(
  resources: DeployedResources,
  targetGroupArn: string,
): readonly LoadBalancerNetwork[] {
  const rules = resources.ofType('AWS::ElasticLoadBalancingV2::ListenerRule');
  const names = ({ properties }: DeployedResource) =>
    JSON.stringify(properties).includes(JSON.stringify(targetGroupArn));
  const arns = resources
    .ofType('AWS::ElasticLoadBalancingV2::Listener')
    .filter(
      (listener) =>
        names(listener) ||
        rules.some((rule) => rule.properties['ListenerArn'] === listener.physicalId && names(rule)),
    )
    .map(({ properties }) => String(properties['LoadBalancerArn']));
  return [...new Set(arns)].flatMap((arn) => {
    const found = resources.find('AWS::ElasticLoadBalancingV2::LoadBalancer', arn);
    return found === undefined ? [] : [readLoadBalancerNetwork(found)];
  });
}
