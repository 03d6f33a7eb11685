import { type Clock, isoTime } from '../clock';
import type { EventStream } from '../events';
import { ServiceException } from '../service-exception';
import type { CatalogImage, ImageCatalog } from './image-catalog';
import { ImageScans } from './image-scans';
import { checkLifecyclePolicy } from './lifecycle-policy';
import type { RegistryScanning } from './registry-scanning';
import {
  checkRepositoryName,
  checkTagMutability,
  DEFAULT_SETTINGS,
  isTagImmutable,
  type RepositorySettings,
} from './repository';

/** The document that names an image's configuration and layers. */
export interface ImageManifest {
  readonly mediaType: string;
  /** Byte for byte what was pushed: the digest is computed over it */
  readonly text: string;
  /** Media type of the image's configuration; undefined for an index */
  readonly artifactMediaType?: string;
}

/** An image as the repository keeps it. Images of the `process` engine have no manifest. */
export interface StoredImage extends CatalogImage {
  readonly manifest?: ImageManifest;
}

/** A repository as `DescribeRepositories` shows it. */
export interface Repository {
  readonly name: string;
  readonly arn: string;
  readonly uri: string;
  /** Milliseconds since the epoch */
  readonly createdAt: number;
  settings: RepositorySettings;
  lifecyclePolicyText?: string;
}

/** A tag that was pushed, whether its image was there before or not. */
export interface PushedTag {
  readonly repositoryName: string;
  /** Undefined for an image that was pushed by its digest alone */
  readonly tag: string | undefined;
  readonly digest: string;
  /** Milliseconds since the epoch */
  readonly pushedAt: number;
}

interface Contents {
  readonly repository: Repository;
  readonly images: Map<string, Omit<StoredImage, 'tags'>>;
  readonly tags: Map<string, string>;
}

/** ECR refused an image: no such repository, or a tag that cannot move. */
export class ImageRejected extends ServiceException {}

/** The private registry of one account and region. */
export class ImageStore implements ImageCatalog {
  readonly registryHost: string;
  /** Every push so far, oldest first */
  readonly pushes: PushedTag[] = [];
  readonly scans: ImageScans;
  private readonly repositories = new Map<string, Contents>();

  constructor(
    readonly account: string,
    readonly region: string,
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {
    this.registryHost = `${account}.dkr.ecr.${region}.amazonaws.com`;
    this.scans = new ImageScans({ account, region }, clock, events);
  }

  /** ARN that a repository of this name has, whether it exists or not */
  repositoryArn(name: string): string {
    return `arn:aws:ecr:${this.region}:${this.account}:repository/${name}`;
  }

  /** @throws ServiceException `RepositoryAlreadyExistsException`, `InvalidParameterException` */
  createRepository(name: string, settings: Partial<RepositorySettings> = {}): Repository {
    checkRepositoryName(name);
    const all = { ...DEFAULT_SETTINGS, ...settings };
    checkTagMutability(all.imageTagMutability, all.imageTagMutabilityExclusionFilters);
    if (this.repositories.has(name)) {
      throw new ServiceException(
        'RepositoryAlreadyExistsException',
        `The repository with name '${name}' already exists in the registry with id '${this.account}'`,
      );
    }
    const repository: Repository = {
      name,
      arn: this.repositoryArn(name),
      uri: `${this.registryHost}/${name}`,
      createdAt: this.clock.now(),
      settings: all,
    };
    this.repositories.set(name, { repository, images: new Map(), tags: new Map() });
    return repository;
  }

  listRepositories(): readonly Repository[] {
    return [...this.repositories.values()].map(({ repository }) => repository);
  }

  hasRepository(name: string): boolean {
    return this.repositories.has(name);
  }

  /** @throws ServiceException `RepositoryNotFoundException` */
  repository(name: string): Repository {
    return this.contents(name).repository;
  }

  /** @throws ServiceException `RepositoryNotFoundException`, `InvalidParameterException` */
  updateSettings(name: string, change: Partial<RepositorySettings>): Repository {
    const repository = this.repository(name);
    const settings = { ...repository.settings, ...change };
    checkTagMutability(settings.imageTagMutability, settings.imageTagMutabilityExclusionFilters);
    repository.settings = settings;
    return repository;
  }

  /** @throws ServiceException `RepositoryNotFoundException`, `InvalidParameterException` */
  putLifecyclePolicy(name: string, text: string): string {
    const repository = this.repository(name);
    repository.lifecyclePolicyText = checkLifecyclePolicy(text);
    return repository.lifecyclePolicyText;
  }

  /** Images in the order of their first push. @throws ServiceException `RepositoryNotFoundException` */
  listImages(name: string): readonly StoredImage[] {
    const { images, tags } = this.contents(name);
    return [...images.values()].map((image) => withTags(image, tags));
  }

  findImage(repositoryName: string, tagOrDigest: string): StoredImage | undefined {
    const contents = this.repositories.get(repositoryName);
    const image = contents?.images.get(contents.tags.get(tagOrDigest) ?? tagOrDigest);
    return contents && image && withTags(image, contents.tags);
  }

  /**
   * A tag that exists and is immutable is refused even for the image it points at already, as ECR
   * does. https://github.com/aws/containers-roadmap/issues/2179
   *
   * @throws ImageRejected `RepositoryNotFoundException`, `ImageTagAlreadyExistsException`
   */
  putImage(image: {
    repositoryName: string;
    digest: string;
    tags: readonly string[];
    size: number;
    manifest?: ImageManifest;
  }): StoredImage {
    const { tags, ...pushed } = image;
    const { repositoryName, digest } = pushed;
    const { repository, images, tags: pointers } = this.contents(repositoryName);
    for (const tag of tags) {
      if (!pointers.has(tag) || !isTagImmutable(repository.settings, tag)) continue;
      throw new ImageRejected(
        'ImageTagAlreadyExistsException',
        `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the tag is immutable.`,
      );
    }
    const known = images.get(digest);
    const stored = known ?? { ...pushed, pushedAt: this.clock.now() };
    images.set(digest, stored);
    for (const tag of tags) pointers.set(tag, digest);
    for (const tag of tags.length === 0 ? [undefined] : tags) {
      this.pushes.push({ repositoryName, tag, digest, pushedAt: this.clock.now() });
      this.emitPush(repositoryName, digest, tag);
    }
    const result = withTags(stored, pointers);
    if (known === undefined) this.scans.found(repository, result);
    return result;
  }

  /**
   * Enhanced scanning begins with the images that are there. That it leaves out what was pushed
   * long ago is not played: a rehearsal has nothing that old.
   * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html
   */
  putScanningConfiguration(registry: RegistryScanning): void {
    this.scans.registry = registry;
    if (registry.scanType === 'BASIC') return;
    this.events.emit({
      kind: 'unproven',
      time: isoTime(this.clock.now()),
      message: "enhanced scanning: the event 'ECR Scan Resource Change' was not played",
    });
    for (const repository of this.listRepositories()) {
      const { name } = repository;
      for (const image of this.listImages(name)) {
        if (this.scans.find(name, image.digest) === undefined) this.scans.found(repository, image);
      }
    }
  }

  private contents(name: string): Contents {
    const contents = this.repositories.get(name);
    if (contents !== undefined) return contents;
    throw new ImageRejected(
      'RepositoryNotFoundException',
      `The repository with name '${name}' does not exist in the registry with id '${this.account}'`,
    );
  }

  /** https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
  private emitPush(repositoryName: string, digest: string, tag: string | undefined): void {
    this.events.emit({
      kind: 'aws',
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      account: this.account,
      region: this.region,
      time: isoTime(this.clock.now()),
      resources: [],
      detail: {
        'action-type': 'PUSH',
        result: 'SUCCESS',
        'repository-name': repositoryName,
        'image-digest': digest,
        ...(tag !== undefined && { 'image-tag': tag }),
      },
    });
  }
}

function withTags(
  image: Omit<StoredImage, 'tags'>,
  pointers: ReadonlyMap<string, string>,
): StoredImage {
  const mine = [...pointers].filter(([, digest]) => digest === image.digest);
  return { ...image, tags: mine.map(([tag]) => tag) };
}
