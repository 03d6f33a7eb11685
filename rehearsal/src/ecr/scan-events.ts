import { isoTime } from '../clock';
import type { AwsEvent } from '../events';
import { enhancedFinding } from './enhanced-finding';
import { type ImageScan, severityCounts } from './image-scan';

interface Place {
  readonly account: string;
  readonly region: string;
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export function basicScanEvent(scan: ImageScan, place: Place): AwsEvent {
  const { repository, image, completedAt } = scan;
  return {
    kind: 'aws',
    source: 'aws.ecr',
    'detail-type': 'ECR Image Scan',
    ...place,
    time: isoTime(completedAt),
    resources: [repository.arn],
    detail: {
      'scan-status': 'COMPLETE',
      'repository-name': repository.name,
      'finding-severity-counts': severityCounts(scan),
      'image-digest': image.digest,
      'image-tags': image.tags,
    },
  };
}

/**
 * What Inspector tells of the first scan of an image: each finding, and that the scan is over.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
 */
export function enhancedScanEvents(scan: ImageScan, place: Place): AwsEvent[] {
  const { repository, image, findings, completedAt } = scan;
  const { CRITICAL, HIGH, MEDIUM } = severityCounts(scan);
  const event = {
    kind: 'aws',
    source: 'aws.inspector2',
    ...place,
    time: isoTime(completedAt),
  } as const;
  return [
    ...findings.map((finding) => ({
      ...event,
      'detail-type': 'Inspector2 Finding',
      resources: [`${repository.arn}/${image.digest}`],
      detail: enhancedFinding(finding, scan, place, inspectorTime),
    })),
    {
      ...event,
      'detail-type': 'Inspector2 Scan',
      resources: [repository.arn],
      detail: {
        'scan-status': 'INITIAL_SCAN_COMPLETE',
        // The ARN, unlike in ECR's own event.
        'repository-name': repository.arn,
        'finding-severity-counts': {
          ...(CRITICAL !== undefined && { CRITICAL }),
          ...(HIGH !== undefined && { HIGH }),
          ...(MEDIUM !== undefined && { MEDIUM }),
          TOTAL: findings.length,
        },
        'image-digest': image.digest,
        'image-tags': image.tags,
      },
    },
  ];
}

/** A time as Inspector's events write it: `Dec 3, 2021, 6:02:30 PM` */
function inspectorTime(milliseconds: number): string {
  return (
    new Intl.DateTimeFormat('en-US', {
      dateStyle: 'medium',
      timeStyle: 'medium',
      timeZone: 'UTC',
    })
      .format(milliseconds)
      // Node.js puts a narrow space before AM and PM.
      .replace('\u202f', ' ')
  );
}
