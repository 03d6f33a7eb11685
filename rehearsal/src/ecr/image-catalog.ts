/** An image in a repository. */
export interface CatalogImage {
  readonly repositoryName: string;
  /** `sha256:…` of the manifest */
  readonly digest: string;
  readonly tags: readonly string[];
  /** Bytes of the manifest's layers */
  readonly size: number;
  /** Milliseconds since the epoch */
  readonly pushedAt: number;
}

/** What ECS and the container engines need of the registry. */
export interface ImageCatalog {
  /** Host name of the private registry on AWS: `000000000000.dkr.ecr.ap-northeast-2.amazonaws.com` */
  readonly registryHost: string;
  /** The image that a tag or digest names now; undefined when there is none */
  findImage(repositoryName: string, tagOrDigest: string): CatalogImage | undefined;
  /**
   * Stores an image and points the tags at it.
   * @throws ImageRejected with ECR's own error name and text: no such repository, or a tag that is immutable
   */
  putImage(image: {
    repositoryName: string;
    digest: string;
    tags: readonly string[];
    size: number;
  }): CatalogImage;
}
