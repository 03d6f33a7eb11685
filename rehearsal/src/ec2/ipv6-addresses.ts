import { addressBlock, addressOf } from '../ip-address';
import { type ConnectionEnd, subnetOf } from './connection-end';
import { contains, firstAndLastHost } from './ip-ranges';

/**
 * Addresses that stand for those of IPv4 where DNS64 makes names of them and a NAT gateway
 * translates them (RFC 6052 §2.1).
 * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
 */
const NAT64 = '64:ff9b::/96';
const NAT64_START = addressBlock(NAT64)?.first ?? 0n;

/** What DNS64 answers for an address of IPv4. */
export function synthesized(address: string): string {
  return addressOf(NAT64_START + (addressBlock(address)?.first ?? 0n), 6);
}

/** The address of IPv4 that a NAT gateway makes of one; undefined for what is no such address. */
export function translated(address: string): string | undefined {
  if (!contains(NAT64, address)) return undefined;
  return addressOf((addressBlock(address)?.first ?? NAT64_START) - NAT64_START, 4);
}

/** Whether an end is known by addresses of IPv6. */
export function isInIpv6({ addresses }: ConnectionEnd): boolean {
  return addresses.some((address) => address.includes(':'));
}

/** An end with what its subnet has of IPv6: none when it has no such block. */
export function inIpv6(end: ConnectionEnd): ConnectionEnd {
  return { ...end, addresses: firstAndLastHost(subnetOf(end)?.ipv6CidrBlock ?? '') };
}
