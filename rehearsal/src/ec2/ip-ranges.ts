import { BlockList, isIP } from 'node:net';

/** Whether a text is a block of addresses, e.g. `10.0.0.0/16`. */
export function isBlock(text: string): boolean {
  return text.includes('/') && parse(text) !== undefined;
}

/** Whether an address lies in a block; false for what is no block, and across IPv4 and IPv6. */
export function contains(block: string, address: string): boolean {
  const parsed = parse(block);
  if (parsed === undefined || isIP(address) !== isIP(parsed.base)) return false;
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(parsed.base, parsed.prefix, family);
  return list.check(address, family);
}

/** Bits of a block that are fixed, e.g. 16 of `10.0.0.0/16`; the more, the more specific. */
export function prefixLength(block: string): number {
  return parse(block)?.prefix ?? 0;
}

/** Whether a block is all of IPv4 or all of IPv6. */
export function isEverything(block: string): boolean {
  return parse(block)?.prefix === 0;
}

/**
 * The first and the last address of an IPv4 block that AWS gives to interfaces: it keeps the first
 * four and the last one.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
export function firstAndLastHost(block: string): readonly string[] {
  const parsed = parse(block);
  if (parsed === undefined || isIP(parsed.base) !== 4) return [];
  const size = 2 ** (32 - parsed.prefix);
  const address = parsed.base.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const start = address - (address % size);
  return [start + Math.min(4, size - 1), start + Math.max(size - 2, 0)].map(dotted);
}

function parse(block: string): { base: string; prefix: number } | undefined {
  const [base = '', bits] = block.split('/');
  const version = isIP(base);
  const longest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  const isValid = version > 0 && Number.isInteger(prefix) && prefix >= 0 && prefix <= longest;
  return isValid ? { base, prefix } : undefined;
}

function dotted(address: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join('.');
}
