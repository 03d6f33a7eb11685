import { matchesWildcard } from '../wildcard';

/** `BASIC` scans are ECR's own, `ENHANCED` ones Inspector's. */
export type ScanType = 'BASIC' | 'ENHANCED';

/** `MANUAL`: only when asked to, and with `ENHANCED` never. */
export type ScanFrequency = 'SCAN_ON_PUSH' | 'CONTINUOUS_SCAN' | 'MANUAL';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegistryScanningRule.html */
export interface ScanningRule {
  readonly scanFrequency: Exclude<ScanFrequency, 'MANUAL'>;
  /** e.g. `prod` or `team/*` */
  readonly repositoryFilters: readonly string[];
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegistryScanningConfiguration.html */
export interface RegistryScanning {
  readonly scanType: ScanType;
  readonly rules: readonly ScanningRule[];
}

/** What a registry has that nobody configured: each repository says for itself whether it is scanned. */
export const DEFAULT_SCANNING: RegistryScanning = { scanType: 'BASIC', rules: [] };

/**
 * When the images of a repository are scanned. Continuous scanning wins over scan on push, and what
 * no rule names is not scanned by itself. Enhanced scanning without rules watches everything.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-enabling.html
 */
export function scanFrequency(
  { scanType, rules }: RegistryScanning,
  repository: { readonly name: string; readonly scanOnPush: boolean },
): ScanFrequency {
  if (rules.length === 0) {
    if (scanType === 'ENHANCED') return 'CONTINUOUS_SCAN';
    return repository.scanOnPush ? 'SCAN_ON_PUSH' : 'MANUAL';
  }
  const frequencies = rules
    .filter(({ repositoryFilters }) =>
      repositoryFilters.some((filter) => matchesFilter(filter, repository.name)),
    )
    .map((rule) => rule.scanFrequency);
  return frequencies.includes('CONTINUOUS_SCAN') ? 'CONTINUOUS_SCAN' : (frequencies[0] ?? 'MANUAL');
}

/** A filter without `*` matches every name that contains it. */
function matchesFilter(filter: string, name: string): boolean {
  return filter.includes('*') ? matchesWildcard(filter, name) : name.includes(filter);
}
