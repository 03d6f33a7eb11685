const DUAL_STACK_REGISTRY = /\b(\d{12})\.dkr-ecr(-fips)?\.([a-z0-9-]+)\.on\.aws\b/g;

/** The parts of an image name. https://pkg.go.dev/github.com/distribution/reference */
export interface ImageReference {
  /** e.g. `000000000000.dkr.ecr.ap-northeast-2.amazonaws.com`; undefined for a short name */
  readonly host: string | undefined;
  /** e.g. `ecs-codepipeline-practice/api` */
  readonly repositoryName: string;
  /** `latest` when neither tag nor digest is given */
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

/** Takes an image name apart; undefined when it is none. */
export function parseImageReference(name: string): ImageReference | undefined {
  const text = withIpv4Names(name);
  const match =
    /^(?:([^/\s]+)\/)?([a-z0-9][a-z0-9._/-]*)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, first, rest = '', tag, digest] = match;
  // A first part without a dot or colon is a folder of the repository name, not a host.
  const isHost = first !== undefined && (/[.:]/.test(first) || first === 'localhost');
  return {
    host: isHost ? first : undefined,
    repositoryName: isHost || first === undefined ? rest : `${first}/${rest}`,
    tag: tag ?? (digest === undefined ? 'latest' : undefined),
    digest,
  };
}

/**
 * The repository's name with what Docker adds to short ones, e.g. `docker.io/library/nginx`.
 * https://docs.docker.com/reference/cli/docker/image/tag/
 */
export function fullImageName({
  host = 'docker.io',
  repositoryName,
}: Pick<ImageReference, 'host' | 'repositoryName'>): string {
  const isShort = host === 'docker.io' && !repositoryName.includes('/');
  return `${host}/${isShort ? 'library/' : ''}${repositoryName}`;
}

/** The name in its longest form, to compare names by; the text itself when it is no image name. */
export function normalImageName(text: string): string {
  const reference = parseImageReference(text);
  if (reference === undefined) return text;
  const name = [reference.host, reference.repositoryName].filter(Boolean).join('/');
  return reference.digest === undefined
    ? `${name}:${reference.tag ?? 'latest'}`
    : `${name}@${reference.digest}`;
}

/**
 * A private registry of ECR has two names, of which one has addresses of IPv6 too; this puts the
 * other one in its place.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
 */
export function withIpv4Names(text: string): string {
  return text.replace(DUAL_STACK_REGISTRY, '$1.dkr.ecr$2.$3.amazonaws.com');
}

/** Whether the registry in an image's name has addresses of IPv6. */
export function isDualStackName(image: string): boolean {
  return withIpv4Names(image) !== image;
}
