import { readScan, type ScanFindings, type ScanState } from './image-scan';

/** What `aws ecr describe-image-scan-findings` came to. */
export type Described =
  | { readonly findings: ScanFindings }
  /** What it wrote to stderr */
  | { readonly failure: string };

export const POLL_INTERVAL_MS = 5_000;
/** For a scan to begin after the push */
export const BEGIN_LIMIT_MS = 60_000;
/** For a scan to end */
export const END_LIMIT_MS = 600_000;

/** Asks until there is a result, or until one can no longer be expected. */
export async function awaitScan(
  describe: () => Described,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<Exclude<ScanState, { kind: 'waiting' }>> {
  for (let waited = 0; ; waited += POLL_INTERVAL_MS) {
    const described = describe();
    if ('failure' in described) {
      const { failure } = described;
      if (!failure.includes('ScanNotFoundException'))
        return { kind: 'impossible', reason: failure };
      if (waited >= BEGIN_LIMIT_MS) {
        return { kind: 'impossible', reason: `no scan began within ${BEGIN_LIMIT_MS / 1000} s` };
      }
    } else {
      const state = readScan(described.findings);
      if (state.kind !== 'waiting') return state;
      if (waited >= END_LIMIT_MS) {
        return { kind: 'impossible', reason: `no result within ${END_LIMIT_MS / 60_000} minutes` };
      }
    }
    await sleep(POLL_INTERVAL_MS);
  }
}
