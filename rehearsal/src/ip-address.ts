import { isIP, SocketAddress } from 'node:net';

/** A block of addresses, e.g. `10.0.0.0/16` or `2001:db8::/56`. */
export interface AddressBlock {
  readonly version: 4 | 6;
  /** Its first address as a number, whatever address the text begins with */
  readonly first: bigint;
  /** How many addresses it has */
  readonly size: bigint;
  /** Bits that are fixed */
  readonly prefix: number;
}

/** Takes a block apart; an address alone is a block of one. Undefined for what is no block. */
export function addressBlock(text: string): AddressBlock | undefined {
  const [base = '', bits] = text.split('/');
  const version = isIP(base);
  if (version !== 4 && version !== 6) return undefined;
  const longest = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > longest) return undefined;
  const size = 1n << BigInt(longest - prefix);
  const value = version === 6 ? valueOfIpv6(base) : valueOfIpv4(base);
  return { version, first: value - (value % size), size, prefix };
}

/** The address with that number, in the form that AWS shows, e.g. `2001:db8::4`. */
export function addressOf(value: bigint, version: 4 | 6): string {
  const length = version === 4 ? 4 : 8;
  const bits = version === 4 ? 8n : 16n;
  const parts = Array.from({ length }, (_, index) => {
    const shift = BigInt(length - 1 - index) * bits;
    return (value >> shift) & ((1n << bits) - 1n);
  });
  if (version === 4) return parts.join('.');
  const address = parts.map((part) => part.toString(16)).join(':');
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

function valueOfIpv4(address: string): bigint {
  return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function valueOfIpv6(address: string): bigint {
  const [, start = address, dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? [];
  // The last 32 bits may be written as IPv4 (RFC 4291 §2.2).
  const words = dotted === undefined ? '' : hexWords(valueOfIpv4(dotted));
  const [head = '', tail] = `${start}${words}`.split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].reduce(
    (sum, word) => (sum << 16n) + BigInt(`0x${word}`),
    0n,
  );
}

function hexWords(value: bigint): string {
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
