/**
 * `count` IPv4 blocks with `hostBits` host bits each, from the start of `block`; undefined when
 * they do not fit.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
 */
export function cidrBlocks(block: string, count: number, hostBits: number): string[] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(block);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = match.slice(1).map(Number);
  const room = 2 ** (32 - prefix);
  const size = 2 ** hostBits;
  if (!Number.isInteger(count) || !Number.isInteger(hostBits) || count * size > room) {
    return undefined;
  }
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const first = address - (address % room);
  return Array.from({ length: count }, (_, index) => {
    const start = first + index * size;
    const octets = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
    return `${octets.join('.')}/${32 - hostBits}`;
  });
}
