import { enhancedFinding } from '../../../ecr/enhanced-finding';
import { type ImageScan, severityCounts } from '../../../ecr/image-scan';
import type { ImageStore, StoredImage } from '../../../ecr/image-store';
import { ServiceException } from '../../../service-exception';
import { type Access, operation, type OperationContext, timestamp } from '../operation';
import { optional, string } from '../shapes';
import { findStoredImage, imageId, imageNotFound, type ImageId } from './ecr-image-id';

const members = { repositoryName: string, registryId: optional(string), imageId };

const on =
  (action: string) =>
  ({ repositoryName }: { repositoryName: string }, { services }: OperationContext) =>
    [[action, services.images.repositoryArn(repositoryName)]] as const;

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartImageScan.html */
const startImageScan = operation({
  service: 'ecr',
  name: 'StartImageScan',
  members,
  access: on('ecr:StartImageScan'),
  run: ({ repositoryName, imageId: id }, { services: { images } }) => {
    const image = required(images, repositoryName, id);
    images.scans.start(images.repository(repositoryName), image);
    return { ...named(images, image, id), imageScanStatus: { status: 'IN_PROGRESS' } };
  },
});

/**
 * Findings of Inspector are read from Inspector, so that its permissions are needed too.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
 */
const describeImageScanFindings = operation({
  service: 'ecr',
  name: 'DescribeImageScanFindings',
  members,
  unplayed: ['nextToken', 'maxResults'],
  access: (input, context): Access[] => {
    const access = on('ecr:DescribeImageScanFindings')(input, context);
    const { account, region, scans } = context.services.images;
    if (scans.registry.scanType === 'BASIC') return [...access];
    const inspector = `arn:aws:inspector2:${region}:${account}:`;
    return [
      ...access,
      ['inspector2:ListCoverage', `${inspector}/coverage/list`],
      ['inspector2:ListFindings', `${inspector}/findings/list`],
    ];
  },
  run: ({ repositoryName, imageId: id }, { services: { images } }) => {
    const image = required(images, repositoryName, id);
    const scan = images.scans.find(repositoryName, image.digest);
    if (scan === undefined) {
      throw new ServiceException(
        'ScanNotFoundException',
        `Image scan does not exist for the image with '{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}' in the repository with name '${repositoryName}' in the registry with id '${images.account}'`,
      );
    }
    return {
      imageScanFindings: {
        ...findings(images, scan),
        imageScanCompletedAt: timestamp(scan.completedAt),
        vulnerabilitySourceUpdatedAt: timestamp(scan.completedAt),
        findingSeverityCounts: severityCounts(scan),
      },
      ...named(images, image, id),
      imageScanStatus:
        images.scans.frequencyOf(images.repository(repositoryName)) === 'CONTINUOUS_SCAN'
          ? { status: 'ACTIVE', description: 'Continuous scan is selected for image.' }
          : { status: 'COMPLETE', description: 'The scan was completed successfully.' },
    };
  },
});

export const ecrScanOperations = [startImageScan, describeImageScanFindings];

function findings(images: ImageStore, scan: ImageScan) {
  if (images.scans.registry.scanType === 'BASIC') return { findings: scan.findings };
  return {
    enhancedFindings: scan.findings.map((finding) =>
      enhancedFinding(finding, scan, images, timestamp),
    ),
  };
}

function required(images: ImageStore, repositoryName: string, id: ImageId): StoredImage {
  const image = findStoredImage(images.listImages(repositoryName), id);
  if (image === undefined) throw imageNotFound(images, repositoryName, id);
  return image;
}

function named(images: ImageStore, { repositoryName, digest }: StoredImage, id: ImageId) {
  return {
    registryId: images.account,
    repositoryName,
    imageId: { imageDigest: digest, ...(id.imageTag && { imageTag: id.imageTag }) },
  };
}
