import { type ImageScan, severityCounts } from '../../../ecr/image-scan';
import type { ImageStore, StoredImage } from '../../../ecr/image-store';
import { operation, type OperationContext, timestamp } from '../operation';
import { list, optional, string, structure } from '../shapes';
import { findStoredImage, imageId, imageNotFound } from './ecr-image-id';

const filter = optional(structure({ tagStatus: optional(string) }));
const repositoryMembers = { repositoryName: string, registryId: optional(string) };

const on =
  (action: string) =>
  ({ repositoryName }: { repositoryName: string }, { services }: OperationContext) =>
    [[action, services.images.repositoryArn(repositoryName)]] as const;

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html */
const describeImages = operation({
  service: 'ecr',
  name: 'DescribeImages',
  members: { ...repositoryMembers, imageIds: optional(list(imageId)), filter },
  unplayed: ['nextToken', 'maxResults'],
  access: on('ecr:DescribeImages'),
  run: ({ repositoryName, imageIds, filter }, { services: { images } }) => {
    const all = images.listImages(repositoryName);
    const wanted = imageIds?.map((id) => {
      const image = findStoredImage(all, id);
      if (image !== undefined) return image;
      throw imageNotFound(images, repositoryName, id);
    });
    return {
      imageDetails: (wanted ?? all)
        .filter((image) => hasTagStatus(image, filter?.tagStatus))
        .map(({ digest, tags, size, pushedAt, manifest }) => ({
          registryId: images.account,
          repositoryName,
          imageDigest: digest,
          ...(tags.length > 0 && { imageTags: tags }),
          imageSizeInBytes: size,
          imagePushedAt: timestamp(pushedAt),
          ...(manifest !== undefined && { imageManifestMediaType: manifest.mediaType }),
          ...(manifest?.artifactMediaType !== undefined && {
            artifactMediaType: manifest.artifactMediaType,
          }),
          imageStatus: 'ACTIVE',
          ...scanSummary(images, images.scans.find(repositoryName, digest)),
        })),
    };
  },
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html */
const listImages = operation({
  service: 'ecr',
  name: 'ListImages',
  members: { ...repositoryMembers, filter },
  unplayed: ['nextToken', 'maxResults'],
  access: on('ecr:ListImages'),
  run: ({ repositoryName, filter }, { services: { images } }) => ({
    imageIds: images
      .listImages(repositoryName)
      .filter((image) => hasTagStatus(image, filter?.tagStatus))
      .flatMap(({ digest: imageDigest, tags }) =>
        tags.length === 0 ? [{ imageDigest }] : tags.map((imageTag) => ({ imageDigest, imageTag })),
      ),
  }),
});

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html */
const batchGetImage = operation({
  service: 'ecr',
  name: 'BatchGetImage',
  members: { ...repositoryMembers, imageIds: list(imageId) },
  unplayed: ['acceptedMediaTypes'],
  access: on('ecr:BatchGetImage'),
  run: ({ repositoryName, imageIds }, { services: { images } }) => {
    const all = images.listImages(repositoryName);
    const results = imageIds.map((id) => ({ id, image: findStoredImage(all, id) }));
    return {
      images: results.flatMap(({ id: { imageTag }, image }) =>
        image === undefined
          ? []
          : [
              {
                registryId: images.account,
                repositoryName,
                imageId: { imageDigest: image.digest, ...(imageTag && { imageTag }) },
                // An image of the process engine has no manifest to show.
                ...(image.manifest && {
                  imageManifest: image.manifest.text,
                  imageManifestMediaType: image.manifest.mediaType,
                }),
              },
            ],
      ),
      failures: results
        .filter(({ image }) => image === undefined)
        .map(({ id: { imageDigest, imageTag } }) => ({
          imageId: { ...(imageDigest && { imageDigest }), ...(imageTag && { imageTag }) },
          failureCode: 'ImageNotFound',
          failureReason: 'Requested image not found',
        })),
    };
  },
});

export const ecrImageOperations = [describeImages, listImages, batchGetImage];

/** Of enhanced scans there is none: https://github.com/aws/containers-roadmap/issues/1662 */
function scanSummary({ scans }: ImageStore, scan: ImageScan | undefined) {
  return (
    scan &&
    scans.registry.scanType === 'BASIC' && {
      imageScanStatus: { status: 'COMPLETE', description: 'The scan was completed successfully.' },
      imageScanFindingsSummary: {
        imageScanCompletedAt: timestamp(scan.completedAt),
        vulnerabilitySourceUpdatedAt: timestamp(scan.completedAt),
        findingSeverityCounts: severityCounts(scan),
      },
    }
  );
}

function hasTagStatus({ tags }: StoredImage, tagStatus = 'ANY'): boolean {
  return tagStatus === 'ANY' || (tagStatus === 'TAGGED') === tags.length > 0;
}
