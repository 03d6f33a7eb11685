import { z } from 'zod';
import { fullImageName, parseImageReference } from '../image-reference';
import type { OutsideImage } from '../task-image';
import type { DockerClient } from './docker-client';

/** What `docker image inspect` says of an image. https://docs.docker.com/reference/api/engine/ */
const schema = z.object({
  Id: z.string(),
  RepoDigests: z
    .array(z.string())
    .nullish()
    .transform((digests) => digests ?? []),
  Config: z.object({ User: z.string().optional() }).nullish(),
});

export interface HeldImage {
  readonly image: OutsideImage;
  /** The user that the image itself names; empty when it names none */
  readonly user: string;
  /** Whether this call has fetched it */
  readonly fetched: boolean;
}

/**
 * The image that Docker has by a name, fetched when there is none: without credentials, as Fargate
 * does when a container has no RepositoryCredentials.
 *
 * @throws Error with what Docker said of the pull
 */
export async function holdImage(client: DockerClient, reference: string): Promise<HeldImage> {
  const args = ['image', 'inspect', '--format', '{{json .}}', '--', reference];
  const there = await client.run(args);
  const fetched = there.exitCode !== 0;
  if (fetched) await client.require(['pull', '--quiet', '--', reference]);
  const text = fetched ? await client.require(args) : there.stdout;
  const { Id, RepoDigests, Config } = schema.parse(JSON.parse(text));
  const digest = digestOf(reference, RepoDigests) ?? Id;
  return { image: { reference, id: Id, digest }, user: Config?.User ?? '', fetched };
}

/**
 * Which of an image's digests is that of a repository: it has one for each that it came from.
 *
 * @param repoDigests e.g. `nginx@sha256:…`
 */
export function digestOf(reference: string, repoDigests: readonly string[]): string | undefined {
  const repository = repositoryOf(reference);
  return repoDigests.find((name) => repositoryOf(name) === repository)?.replace(/^.*@/, '');
}

function repositoryOf(name: string): string {
  const reference = parseImageReference(name);
  return reference === undefined ? name : fullImageName(reference);
}
