import { createHash } from 'node:crypto';
import type { ImageScan, ScanFinding } from './image-scan';

/**
 * A finding as Inspector tells it, with the fields that follow from what is known of it here.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_EnhancedImageScanFinding.html
 *
 * @param time writes milliseconds since the epoch; ECR's answers and Inspector's events differ in it
 */
export function enhancedFinding(
  { name, severity, description, uri }: ScanFinding,
  { repository, image, completedAt }: ImageScan,
  { account, region }: { readonly account: string; readonly region: string },
  time: (milliseconds: number) => string,
) {
  const imageArn = `${repository.arn}/${image.digest}`;
  const id = createHash('md5').update(`${imageArn} ${name}`).digest('hex');
  const observedAt = time(completedAt);
  return {
    awsAccountId: account,
    ...(description !== undefined && { description }),
    findingArn: `arn:aws:inspector2:${region}:${account}:finding/${id}`,
    firstObservedAt: observedAt,
    lastObservedAt: observedAt,
    packageVulnerabilityDetails: {
      ...(uri !== undefined && { sourceUrl: uri }),
      vulnerabilityId: name,
    },
    resources: [
      {
        details: {
          awsEcrContainerImage: {
            imageHash: image.digest,
            imageTags: image.tags,
            pushedAt: time(image.pushedAt),
            registry: account,
            repositoryName: repository.name,
          },
        },
        id: imageArn,
        type: 'AWS_ECR_CONTAINER_IMAGE',
      },
    ],
    severity,
    status: 'ACTIVE',
    title: name,
    type: 'PACKAGE_VULNERABILITY',
    updatedAt: observedAt,
  };
}
