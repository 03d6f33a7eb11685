import type { Vulnerability } from './vulnerability';

interface Finding {
  readonly name?: string;
  readonly description?: string;
  readonly uri?: string;
  readonly severity?: string;
  readonly attributes?: readonly { readonly key: string; readonly value?: string }[];
}

interface EnhancedFinding {
  readonly title?: string;
  readonly severity?: string;
  readonly packageVulnerabilityDetails?: {
    readonly vulnerabilityId?: string;
    readonly sourceUrl?: string;
  };
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html */
export interface ScanFindings {
  readonly imageScanStatus?: { readonly status?: string; readonly description?: string };
  readonly imageScanFindings?: {
    readonly imageScanCompletedAt?: unknown;
    readonly findings?: readonly Finding[];
    readonly enhancedFindings?: readonly EnhancedFinding[];
  };
}

export type ScanState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'complete'; readonly critical: readonly Vulnerability[] }
  | { readonly kind: 'impossible'; readonly reason: string };

/** What an answer of ECR says, be it basic scanning or Inspector's enhanced one. */
export function readScan({ imageScanStatus, imageScanFindings }: ScanFindings): ScanState {
  const { status = 'PENDING', description = '' } = imageScanStatus ?? {};
  if (status === 'PENDING' || status === 'IN_PROGRESS') return { kind: 'waiting' };
  // ACTIVE: Inspector goes on watching the image.
  if (status !== 'COMPLETE' && status !== 'ACTIVE') {
    return { kind: 'impossible', reason: `${status}${description && `: ${description}`}` };
  }
  // Enhanced scans are complete before their findings are there: aws/aws-sdk#289.
  if (imageScanFindings?.imageScanCompletedAt === undefined) return { kind: 'waiting' };
  const { findings = [], enhancedFindings = [] } = imageScanFindings;
  return {
    kind: 'complete',
    critical: [
      ...findings.filter(isCritical).map(basic),
      ...enhancedFindings.filter(isCritical).map(enhanced),
    ],
  };
}

function isCritical({ severity }: { readonly severity?: string }): boolean {
  return severity === 'CRITICAL';
}

function basic({ name = 'unnamed', description, uri, attributes = [] }: Finding): Vulnerability {
  const attribute = (key: string) => attributes.find((one) => one.key === key)?.value;
  const packageName = attribute('package_name');
  const about =
    packageName === undefined
      ? (description ?? 'no description')
      : `${packageName} ${attribute('package_version') ?? ''}`.trim();
  return { id: name, about, url: uri };
}

function enhanced({ title, packageVulnerabilityDetails }: EnhancedFinding): Vulnerability {
  const { vulnerabilityId = 'unnamed', sourceUrl } = packageVulnerabilityDetails ?? {};
  return { id: vulnerabilityId, about: title ?? 'no title', url: sourceUrl };
}
