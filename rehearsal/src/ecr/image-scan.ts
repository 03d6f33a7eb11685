/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html */
export interface ScanFinding {
  /** e.g. `CVE-2026-12345` */
  readonly name: string;
  readonly severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'INFORMATIONAL' | 'UNDEFINED';
  readonly description?: string;
  readonly uri?: string;
}

export interface RepositoryToScan {
  readonly name: string;
  readonly arn: string;
  readonly settings: { readonly scanOnPush: boolean };
}

export interface ImageToScan {
  readonly digest: string;
  readonly tags: readonly string[];
  /** Milliseconds since the epoch */
  readonly pushedAt: number;
}

export interface ImageScan {
  readonly repository: RepositoryToScan;
  /** As it was when it was scanned */
  readonly image: ImageToScan;
  /** Milliseconds since the epoch */
  readonly completedAt: number;
  readonly findings: readonly ScanFinding[];
}

/** Findings by severity; a severity without any is left out */
export function severityCounts({
  findings,
}: ImageScan): Partial<Record<ScanFinding['severity'], number>> {
  const counts: Partial<Record<ScanFinding['severity'], number>> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}
