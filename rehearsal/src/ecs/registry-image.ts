import { isDualStackName, parseImageReference } from '../containers/image-reference';
import type { EndpointType } from '../ec2/reachability-questions';

/** An image of a private ECR registry. */
export interface RegistryImageReference {
  /** Its name that has addresses of IPv4 alone */
  readonly host: string;
  /** Whether the image is asked for by the registry's other name, which has some of IPv6 too */
  readonly endpointType: EndpointType;
  readonly repositoryName: string;
  /** The digest when there is one, else the tag, else `latest` */
  readonly tagOrDigest: string;
}

const PRIVATE_REGISTRY = /^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/;

/**
 * Takes the reference of an image in a private ECR registry apart.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-pull-ecr-image.html
 *
 * @returns undefined for an image of another registry
 */
export function registryImageReference(image: string): RegistryImageReference | undefined {
  const reference = parseImageReference(image);
  if (reference?.host === undefined || !PRIVATE_REGISTRY.test(reference.host)) return undefined;
  return {
    host: reference.host,
    endpointType: isDualStackName(image) ? 'dualstack' : 'ipv4',
    repositoryName: reference.repositoryName,
    tagOrDigest: reference.digest ?? reference.tag ?? 'latest',
  };
}
