import type { ImageStore, StoredImage } from '../../../ecr/image-store';
import { ServiceException } from '../../../service-exception';
import { optional, string, structure, type Value } from '../shapes';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html */
export const imageId = structure({ imageDigest: optional(string), imageTag: optional(string) });
export type ImageId = Value<typeof imageId>;

/** The image that has the digest and the tag, whichever are given */
export function findStoredImage(
  images: readonly StoredImage[],
  { imageDigest, imageTag }: ImageId,
): StoredImage | undefined {
  if (imageDigest === undefined && imageTag === undefined) return undefined;
  return images.find(
    ({ digest, tags }) =>
      (imageDigest === undefined || imageDigest === digest) &&
      (imageTag === undefined || tags.includes(imageTag)),
  );
}

export function imageNotFound(
  { account }: ImageStore,
  repositoryName: string,
  { imageDigest = 'null', imageTag = 'null' }: ImageId,
): ServiceException {
  return new ServiceException(
    'ImageNotFoundException',
    `The image with imageId {imageDigest:'${imageDigest}', imageTag:'${imageTag}'} does not exist within the repository with name '${repositoryName}' in the registry with id '${account}'`,
  );
}
