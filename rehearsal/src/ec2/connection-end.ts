import type { Subnet } from './network-model';

/** One end of a connection, or of a flow of datagrams. */
export interface ConnectionEnd {
  /** For people, e.g. `load balancer 'Alb'` */
  readonly name: string;
  /** `outside` of any VPC, or undefined for a subnet that no template defines */
  readonly subnet: Subnet | 'outside' | undefined;
  /** Addresses that must all be let through; empty when they are not known */
  readonly addresses: readonly string[];
  /** Undefined when no security group can filter it, as for a NAT gateway */
  readonly securityGroupIds: readonly string[] | undefined;
  readonly hasPublicAddress: boolean;
  /** Lowest and highest port from which it opens connections */
  readonly ephemeralPorts: readonly number[];
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports */
export const ANY_EPHEMERAL_PORTS: readonly number[] = [1024, 65_535];
export const LINUX_EPHEMERAL_PORTS: readonly number[] = [32_768, 60_999];

/**
 * Addresses from three ranges that AWS publishes. Its services answer, and clients ask, from so
 * many that a route or rule has to cover them all to be of use.
 * https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
 */
export const PUBLIC_ADDRESSES: readonly string[] = ['52.95.193.10', '3.5.140.10', '205.251.192.10'];

/** Two from the range that all public addresses of IPv6 are of (RFC 4291 §2.4). */
export const PUBLIC_IPV6_ADDRESSES: readonly string[] = ['2600:1f18::10', '2a05:d018::10'];

export function outside(name: string, addresses = PUBLIC_ADDRESSES): ConnectionEnd {
  return {
    name,
    subnet: 'outside',
    addresses,
    securityGroupIds: undefined,
    hasPublicAddress: true,
    ephemeralPorts: ANY_EPHEMERAL_PORTS,
  };
}

export function subnetOf(end: ConnectionEnd): Subnet | undefined {
  return end.subnet === 'outside' ? undefined : end.subnet;
}
