import { addressBlock, addressOf } from '../ip-address';

/**
 * `count` blocks with `hostBits` host bits each, from the start of `block`; undefined when they do
 * not fit.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
 */
export function cidrBlocks(block: string, count: number, hostBits: number): string[] | undefined {
  const whole = addressBlock(block);
  if (whole === undefined || !block.includes('/')) return undefined;
  if (!Number.isInteger(count) || !Number.isInteger(hostBits) || hostBits < 0) return undefined;
  const size = 1n << BigInt(hostBits);
  if (BigInt(count) * size > whole.size) return undefined;
  const prefix = (whole.version === 6 ? 128 : 32) - hostBits;
  return Array.from({ length: count }, (_, index) => {
    const first = addressOf(whole.first + BigInt(index) * size, whole.version);
    return `${first}/${prefix}`;
  });
}
