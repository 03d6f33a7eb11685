import { type DockerClient, RUN_LABEL } from './docker-client';

/** Removes all containers of one run, running or not. */
export async function removeRunContainers(client: DockerClient, runId: string): Promise<void> {
  const listed = await client.run([
    ...['ps', '--all', '--no-trunc', '--filter', `label=${RUN_LABEL}=${runId}`],
    ...['--format', '{{.ID}}'],
  ]);
  await removeContainers(client, listed.stdout.split('\n').filter(Boolean));
}

/**
 * Takes names away and, with its last name, the image; one that ends with `/` takes all that start
 * with it. The build cache stays: it makes the next rehearsal's build short.
 */
export async function removeImages(client: DockerClient, names: readonly string[]): Promise<void> {
  const prefixes = names.filter((name) => name.endsWith('/'));
  const found = prefixes.length === 0 ? [] : await imagesUnder(client, prefixes);
  // One by one: with its tag a digest may already be gone.
  for (const name of [...found, ...names.filter((name) => !name.endsWith('/'))]) {
    await client.run(['rmi', name]);
  }
}

async function imagesUnder(client: DockerClient, prefixes: readonly string[]): Promise<string[]> {
  const format = '{{.Repository}}\t{{.Tag}}\t{{.Digest}}';
  const listed = await client.run(['images', '--digests', '--no-trunc', '--format', format]);
  const names = listed.stdout
    .split('\n')
    .filter((line) => prefixes.some((prefix) => line.startsWith(prefix)))
    .flatMap((line) => {
      const [repository = '', tag = '', digest = ''] = line.split('\t');
      return [
        ...(tag === '<none>' ? [] : [`${repository}:${tag}`]),
        ...(digest === '<none>' ? [] : [`${repository}@${digest}`]),
      ];
    });
  return [...new Set(names)];
}

async function removeContainers(client: DockerClient, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await client.run(['rm', '--force', '--volumes', ...ids]);
}
