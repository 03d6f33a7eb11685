import { join } from 'node:path';
import { type Clock, isoTime } from '../../clock';
import { messageOf, RehearsalError } from '../../errors';
import type { EventStream } from '../../events';
import type { ContainerEngine } from '../container-engine';
import type { UsableDocker } from '../find-docker';
import { requireUser } from '../require-user';
import { isOutsideImage, type RegistryImage, type TaskImage } from '../task-image';
import { DockerClient } from './docker-client';
import { startDockerContainer } from './docker-container';
import { createDockerProgram } from './docker-program';
import type { ImageNames } from './image-names';
import { removeImages, removeRunContainers } from './leftovers';
import { holdImage } from './outside-image';

/** A registry on this machine answers at once. */
const PROBE_PATIENCE_MS = 15_000;

export interface DockerEngineOptions {
  /** See `findDocker` */
  readonly docker: UsableDocker;
  /** See `childEnvironment` */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the registry listens: `127.0.0.1:port` */
  readonly registryEndpoint: string;
  /** ECR's host name: `000000000000.dkr.ecr.ap-northeast-2.amazonaws.com` */
  readonly registryHost: string;
  /** A password for the registry with which tasks' images are pulled */
  readonly registryPassword: () => string;
  /** Label of what this run starts */
  readonly runId: string;
  /** Where the names are kept that this run gives to images */
  readonly imageNames: ImageNames;
  /** Directory of this run */
  readonly runDirectory: string;
  readonly clock: Clock;
  readonly events: EventStream;
}

/**
 * Real images and real containers, with the limits of the task definition.
 *
 * @throws RehearsalError `RegistryUnreachable` when the Docker engine runs where this machine's
 *   127.0.0.1 is not its own, as in the virtual machine of Docker Desktop
 */
export async function createDockerEngine(options: DockerEngineOptions): Promise<ContainerEngine> {
  const { docker, environment, registryEndpoint, registryHost, runId, runDirectory } = options;
  const { imageNames, clock, events } = options;
  const client = new DockerClient(
    docker,
    environment,
    join(runDirectory, 'docker-config', 'engine'),
  );
  const unproven = (message: string) =>
    events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });

  client.keepLogin(registryEndpoint, options.registryPassword());
  await requireReachableRegistry(client, registryEndpoint);
  imageNames.add(`${registryEndpoint}/`);
  const users = new Map<string, string>();

  return {
    name: 'docker',
    description: `Docker ${docker.serverVersion}, ${docker.platform}`,
    unproven: [
      "Containers shared this machine's Docker network: subnets, security groups and NAT were not exercised.",
    ],
    docker: createDockerProgram({
      client,
      registryHost,
      registryEndpoint,
      runDirectory,
      unproven,
      onName: async (name) => {
        if (name.startsWith(`${registryEndpoint}/`)) return;
        const existing = await client.run(['image', 'inspect', '--format', '{{.Id}}', name]);
        if (existing.exitCode !== 0) imageNames.add(name);
      },
    }),
    findOutside: async (reference) => {
      const held = await holdImage(client, reference).catch((error: unknown) => {
        unproven(
          `The image '${reference}' of another registry could not be fetched by this machine, and tasks failed for that; whether AWS could fetch it is not known.`,
        );
        throw new Error(unresolved(reference, withoutPreamble(messageOf(error))), { cause: error });
      });
      unproven(
        `The image '${reference}' of another registry is ${held.fetched ? 'what its registry gave' : 'what this machine had of it, whatever its registry has today'} (${held.image.digest}); what is in it was not looked into.`,
      );
      users.set(held.image.id, held.user);
      return held.image;
    },
    pull: async (image) => {
      // findOutside has made it ready.
      if (isOutsideImage(image)) return;
      client.keepLogin(registryEndpoint, options.registryPassword());
      const name = localName(registryEndpoint, image);
      const pulled = await client.run(['pull', '--quiet', name]);
      if (pulled.exitCode !== 0) {
        throw new Error(pullFailure(pulled.stderr, registryEndpoint, registryHost, image));
      }
      const user = await client.require(['image', 'inspect', '--format', '{{.Config.User}}', name]);
      users.set(name, user);
    },
    run: async (spec) => {
      const name = localName(registryEndpoint, spec.image);
      requireUser(spec, users.get(name));
      const cpus = spec.cpuUnits / 1024;
      if (cpus > docker.cpus) {
        unproven(
          `Containers got ${docker.cpus} CPUs, all that Docker has here, instead of ${cpus}.`,
        );
      }
      return startDockerContainer(client, spec, name, runId, clock);
    },
    close: async () => {
      await removeRunContainers(client, runId);
      await removeImages(client, imageNames.read());
    },
  };
}

function localName(endpoint: string, image: TaskImage): string {
  return isOutsideImage(image) ? image.id : `${endpoint}/${image.repositoryName}@${image.digest}`;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html */
function pullFailure(
  stderr: string,
  endpoint: string,
  host: string,
  { repositoryName, digest }: RegistryImage,
): string {
  const text = withoutPreamble(stderr.trim());
  const cause = /manifest unknown|not found/i.test(text)
    ? 'not found'
    : text.replaceAll(endpoint, host);
  return unresolved(`${host}/${repositoryName}@${digest}`, cause);
}

function unresolved(reference: string, cause: string): string {
  return `pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ${cause}`;
}

function withoutPreamble(text: string): string {
  return text.replace(/^Error response from daemon: /, '');
}

/** Any answer of the registry will do, also that there is no such image. */
async function requireReachableRegistry(client: DockerClient, endpoint: string): Promise<void> {
  const probe = await client.run(['pull', `${endpoint}/rehearsal/probe:probe`], PROBE_PATIENCE_MS);
  const answer = probe.stderr.trim() || `no answer in ${PROBE_PATIENCE_MS / 1000} s`;
  const reached =
    probe.exitCode !== undefined &&
    !/refused|timeout|unreachable|no route|server gave HTTP/i.test(answer);
  if (reached) return;
  throw new RehearsalError(
    'RegistryUnreachable',
    `the Docker engine cannot reach the registry of this rehearsal at ${endpoint}: ${answer}. It probably runs in a virtual machine, as with Docker Desktop. Without it: --engine process.`,
  );
}
