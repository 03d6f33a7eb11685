import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { readLoadBalancerNetwork } from '../ec2/load-balancer-network';

/**
 * The Availability Zones that a load balancer has nodes in, one for each of its subnets; undefined
 * for a subnet whose zone no template tells.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
 */
export function enabledZones(
  loadBalancer: DeployedResource,
  resources: DeployedResources,
): readonly (string | undefined)[] {
  const { subnetIds } = readLoadBalancerNetwork(loadBalancer);
  return subnetIds.map((id) => zoneOfSubnet(id, resources));
}

/** Undefined for a subnet whose zone no template tells. */
export function zoneOfSubnet(id: string, resources: DeployedResources): string | undefined {
  const zone = resources.find('AWS::EC2::Subnet', id)?.properties['AvailabilityZone'];
  return typeof zone === 'string' ? zone : undefined;
}

/** Whether nothing speaks against it that a load balancer reaches targets of a zone. */
export function mayReachZone(
  zones: readonly (string | undefined)[],
  zone: string | undefined,
): boolean {
  return (
    zone === undefined || zones.length === 0 || zones.includes(zone) || zones.includes(undefined)
  );
}
