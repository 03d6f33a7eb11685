import { type DockerClient, RUN_LABEL } from './docker-client';

/**
 * Removes containers of runs whose engine was killed.
 *
 * @returns ids of the runs they belonged to
 */
export async function removeLeftoverContainers(
  client: DockerClient,
  isRunAlive: (runId: string) => boolean,
): Promise<string[]> {
  const listed = await client.run([
    ...['ps', '--all', '--no-trunc', '--filter', `label=${RUN_LABEL}`],
    ...['--format', `{{.ID}} {{.Label "${RUN_LABEL}"}}`],
  ]);
  const left = listed.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '))
    .filter(([, runId = '']) => !isRunAlive(runId));
  await removeContainers(
    client,
    left.map(([id = '']) => id),
  );
  return [...new Set(left.map(([, runId = '']) => runId))];
}

/** Removes all containers of one run, running or not. */
export async function removeRunContainers(client: DockerClient, runId: string): Promise<void> {
  const listed = await client.run([
    ...['ps', '--all', '--no-trunc', '--filter', `label=${RUN_LABEL}=${runId}`],
    ...['--format', '{{.ID}}'],
  ]);
  await removeContainers(client, listed.stdout.split('\n').filter(Boolean));
}

/**
 * Takes away the names under a local registry and, with its last name, the image.
 * The build cache stays: it makes the next rehearsal's build short.
 */
export async function removeRegistryImages(client: DockerClient, endpoint: string): Promise<void> {
  const format = '{{.Repository}}\t{{.Tag}}\t{{.Digest}}';
  const listed = await client.run(['images', '--digests', '--no-trunc', '--format', format]);
  const names = listed.stdout
    .split('\n')
    .filter((line) => line.startsWith(`${endpoint}/`))
    .flatMap((line) => {
      const [repository = '', tag = '', digest = ''] = line.split('\t');
      return [
        ...(tag === '<none>' ? [] : [`${repository}:${tag}`]),
        ...(digest === '<none>' ? [] : [`${repository}@${digest}`]),
      ];
    });
  await removeImageNames(client, [...new Set(names)]);
}

export async function removeImageNames(
  client: DockerClient,
  names: readonly string[],
): Promise<void> {
  // One by one: with its tag a digest may already be gone.
  for (const name of names) await client.run(['rmi', name]);
}

async function removeContainers(client: DockerClient, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await client.run(['rm', '--force', '--volumes', ...ids]);
}
