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
export function parseImageReference(text: string): ImageReference | undefined {
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

/** The name in its longest form, to compare names by; the text itself when it is no image name. */
export function normalImageName(text: string): string {
  const reference = parseImageReference(text);
  if (reference === undefined) return text;
  const name = [reference.host, reference.repositoryName].filter(Boolean).join('/');
  return reference.digest === undefined
    ? `${name}:${reference.tag ?? 'latest'}`
    : `${name}@${reference.digest}`;
}
