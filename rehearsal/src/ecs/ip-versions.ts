import { cfnBoolean } from '../cloudformation/read-properties';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import { loadBalancersOf } from '../ec2/load-balancer-network';
import { RehearsalError } from '../errors';
import type { ServiceDefinition } from './service-definition';

type CheckedService = Pick<
  ServiceDefinition,
  'serviceName' | 'subnets' | 'loadBalancers' | 'platformVersion'
>;

/** Whether the tasks of a service have no address of IPv4. */
export function isIpv6Only({ subnets }: CheckedService, resources: DeployedResources): boolean {
  return subnets.some((id) => isNative(id, resources));
}

/**
 * What AWS documents that a service needs whose tasks have no IPv4, and no other can have. In which
 * words it refuses is not documented.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
 *
 * @throws RehearsalError `ServiceNotCreated`
 */
export function checkIpVersions(service: CheckedService, resources: DeployedResources): void {
  const problem = isIpv6Only(service, resources)
    ? problemWithoutIpv4(service, resources)
    : problemWithIpv4(service, resources);
  if (problem === undefined) return;
  throw new RehearsalError(
    'ServiceNotCreated',
    `service '${service.serviceName}' would not work on AWS: ${problem}`,
  );
}

function problemWithoutIpv4(
  { subnets, loadBalancers, platformVersion }: CheckedService,
  resources: DeployedResources,
): string | undefined {
  if (!subnets.every((id) => isNative(id, resources))) {
    return 'some of its subnets are Ipv6Native and some are not, so no target group could hold all its tasks. Use subnets of one kind.';
  }
  if (/^1\.[0-3]\./.test(platformVersion)) {
    return `its subnets are Ipv6Native, which Fargate has since platform version 1.4.0, and PlatformVersion is '${platformVersion}'. Use 1.4.0 or LATEST.`;
  }
  for (const { targetGroupArn } of loadBalancers) {
    const group = targetGroup(targetGroupArn, resources);
    if (group.ipAddressType !== 'ipv6') {
      return `its subnets are Ipv6Native, and target group '${group.name}' takes targets of IPv4 only. Set its IpAddressType to 'ipv6'.`;
    }
    for (const loadBalancer of loadBalancersOf(resources, targetGroupArn)) {
      const { name, ipAddressType, subnetIds } = loadBalancer;
      if (ipAddressType === 'ipv4') {
        return `its subnets are Ipv6Native, and ${name} has IPv4 only. Set its IpAddressType to 'dualstack'.`;
      }
      const subnet = subnetIds
        .flatMap((id) => resources.find('AWS::EC2::Subnet', id) ?? [])
        .find(({ properties }) => properties['Ipv6CidrBlock'] === undefined);
      if (subnet !== undefined) {
        return `${name} is dual-stack and in subnet '${subnet.logicalId}', which has no Ipv6CidrBlock. Give it one.`;
      }
    }
  }
  return undefined;
}

function problemWithIpv4(
  { loadBalancers }: CheckedService,
  resources: DeployedResources,
): string | undefined {
  const group = loadBalancers
    .map(({ targetGroupArn }) => targetGroup(targetGroupArn, resources))
    .find(({ ipAddressType }) => ipAddressType === 'ipv6');
  return (
    group &&
    `target group '${group.name}' has IpAddressType 'ipv6', and AWS documents that only for services in subnets without IPv4. Set Ipv6Native on the subnets, or take IpAddressType away.`
  );
}

function isNative(subnetId: string, resources: DeployedResources): boolean {
  const value = resources.find('AWS::EC2::Subnet', subnetId)?.properties['Ipv6Native'];
  return cfnBoolean.safeParse(value).data ?? false;
}

function targetGroup(arn: string, resources: DeployedResources) {
  const group = resources.find('AWS::ElasticLoadBalancingV2::TargetGroup', arn);
  return { name: group?.logicalId ?? arn, ipAddressType: group?.properties['IpAddressType'] };
}
