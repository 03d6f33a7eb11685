import { type Clock, isoTime } from '../clock';
import type { EventStream } from '../events';
import { ServiceException } from '../service-exception';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html */
export interface ScanFinding {
  /** e.g. `CVE-2026-12345` */
  readonly name: string;
  readonly severity: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW' | 'INFORMATIONAL' | 'UNDEFINED';
  readonly description?: string;
  readonly uri?: string;
}

export interface ImageScan {
  /** Milliseconds since the epoch */
  readonly completedAt: number;
  readonly findings: readonly ScanFinding[];
}

/** What a scan is asked for. */
export interface ImageToScan {
  readonly repositoryName: string;
  readonly repositoryArn: string;
  readonly digest: string;
  readonly tags: readonly string[];
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Scans of images. Nothing here looks into an image: a scan finds what it was told to find, which
 * is nothing unless a scenario says otherwise.
 */
export class ImageScans {
  private readonly scans = new Map<string, ImageScan>();
  /** What each scan from now on finds */
  private findings: readonly ScanFinding[] = [];

  constructor(
    private readonly place: { readonly account: string; readonly region: string },
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {}

  /** What scanners know from now on; scans that are over stay as they are, as on AWS. */
  pretend(findings: readonly ScanFinding[]): void {
    this.findings = findings;
  }

  /** The last scan of an image; undefined when it was never scanned */
  find(repositoryName: string, digest: string): ImageScan | undefined {
    return this.scans.get(`${repositoryName}@${digest}`);
  }

  /**
   * A basic scan, over at once: how long one takes is not documented.
   * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html
   *
   * @throws ServiceException `LimitExceededException` within 24 hours of the last one
   */
  scan(image: ImageToScan): ImageScan {
    const { repositoryName, digest } = image;
    const completedAt = this.clock.now();
    const last = this.find(repositoryName, digest);
    if (last !== undefined && completedAt - last.completedAt < DAY_MS) {
      throw new ServiceException(
        'LimitExceededException',
        'The scan quota per image has been exceeded. Wait and try again.',
      );
    }
    const scan = { completedAt, findings: this.findings };
    this.scans.set(`${repositoryName}@${digest}`, scan);
    this.announce(image, scan);
    return scan;
  }

  /** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
  private announce({ repositoryName, repositoryArn, digest, tags }: ImageToScan, scan: ImageScan) {
    const time = isoTime(scan.completedAt);
    this.events.emit({
      kind: 'aws',
      source: 'aws.ecr',
      'detail-type': 'ECR Image Scan',
      ...this.place,
      time,
      resources: [repositoryArn],
      detail: {
        'scan-status': 'COMPLETE',
        'repository-name': repositoryName,
        'finding-severity-counts': severityCounts(scan),
        'image-digest': digest,
        'image-tags': tags,
      },
    });
    this.events.emit({
      kind: 'unproven',
      time,
      message: `images of '${repositoryName}' are not scanned here: ${
        scan.findings.length === 0
          ? 'what reads the findings was played with an empty result'
          : 'the findings were made up'
      }`,
    });
  }
}

/** Findings by severity; a severity without any is left out */
export function severityCounts({ findings }: ImageScan): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts;
}
