import { contains, firstAndLastHost } from '../ec2/ip-ranges';

/**
 * IPv4 blocks that GitHub delivers webhooks from; it adds to them now and then.
 * https://docs.github.com/rest/meta/meta#get-github-meta-information (`hooks`)
 * https://github.blog/changelog/2026-10-29-webhook-ip-ranges-added-to-the-meta-api
 */
export const HOOK_RANGES = [
  '140.82.112.0/20',
  '192.30.252.0/22',
  '185.199.108.0/22',
  '143.55.64.0/20',
  '9.234.98.160/28',
  '9.234.98.176/28',
  '9.234.106.48/28',
] as const;

/** Where the delivery with this number comes from: GitHub promises none of its blocks, so each in turn. */
export function hookAddress(delivery: number): string {
  const [address = ''] = firstAndLastHost(HOOK_RANGES[delivery % HOOK_RANGES.length] ?? '');
  return address;
}

/** GitHub's blocks that do not wholly lie in a block. */
export function hookRangesOutside(block: string): readonly string[] {
  return HOOK_RANGES.filter(
    (range) => !firstAndLastHost(range).every((address) => contains(block, address)),
  );
}
