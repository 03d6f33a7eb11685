import { severityCounts } from '../../../ecr/image-scans';
import type { ImageStore, StoredImage } from '../../../ecr/image-store';
import { ServiceException } from '../../../service-exception';
import { operation, type OperationContext, timestamp } from '../operation';
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
    images.scan(image);
    return { ...named(images, image, id), imageScanStatus: { status: 'IN_PROGRESS' } };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html */
const describeImageScanFindings = operation({
  service: 'ecr',
  name: 'DescribeImageScanFindings',
  members,
  unplayed: ['nextToken', 'maxResults'],
  access: on('ecr:DescribeImageScanFindings'),
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
        findings: scan.findings,
        imageScanCompletedAt: timestamp(scan.completedAt),
        vulnerabilitySourceUpdatedAt: timestamp(scan.completedAt),
        findingSeverityCounts: severityCounts(scan),
      },
      ...named(images, image, id),
      imageScanStatus: {
        status: 'COMPLETE',
        description: 'The scan was completed successfully.',
      },
    };
  },
});

export const ecrScanOperations = [startImageScan, describeImageScanFindings];

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
