import { addressBlock, addressOf } from '../ip-address';

/** Whether a text is a block of addresses, e.g. `10.0.0.0/16`. */
export function isBlock(text: string): boolean {
  return text.includes('/') && addressBlock(text) !== undefined;
}

/** Whether an address lies in a block; false for what is no block, and across IPv4 and IPv6. */
export function contains(block: string, address: string): boolean {
  const range = addressBlock(block);
  const one = addressBlock(address);
  if (range === undefined || one === undefined || range.version !== one.version) return false;
  return range.first <= one.first && one.first < range.first + range.size;
}

/** Bits of a block that are fixed, e.g. 16 of `10.0.0.0/16`; the more, the more specific. */
export function prefixLength(block: string): number {
  return addressBlock(block)?.prefix ?? 0;
}

/** Whether a block is all of IPv4 or all of IPv6. */
export function isEverything(block: string): boolean {
  return addressBlock(block)?.prefix === 0;
}

/**
 * The first and the last address of a block that AWS gives to interfaces: it keeps the first four
 * and the last one.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
export function firstAndLastHost(block: string): readonly string[] {
  const range = addressBlock(block);
  if (range === undefined) return [];
  const { first, size, version } = range;
  const last = size < 2n ? first : first + size - 2n;
  const start = size > 4n ? first + 4n : first + size - 1n;
  return [start, last].map((value) => addressOf(value, version));
}
