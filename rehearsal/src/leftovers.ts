import { DockerClient } from './containers/docker/docker-client';
import { removeImages, removeRunContainers } from './containers/docker/leftovers';
import type { DockerSearch } from './containers/find-docker';
import { childEnvironment } from './process/child-environment';
import { RunDirectory } from './run-directory';

/**
 * Removes what runs left behind whose engine was killed: processes, containers, images, files. Only
 * of runs under `home`: another clone's rehearsal may be running with the same Docker.
 *
 * @param home the `.rehearsal` directory
 * @returns ids of those runs
 */
export async function removeLeftovers(
  home: string,
  search: DockerSearch,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const runs = RunDirectory.leftovers(home);
  for (const run of runs) {
    run.ledger.endAll();
    if (search.found) {
      const config = run.directory('leftovers');
      const client = new DockerClient(search.docker, childEnvironment(environment, config), config);
      await removeRunContainers(client, run.id);
      await removeImages(client, run.imageNames.read());
    }
    run.remove();
  }
  return runs.map(({ id }) => id);
}
