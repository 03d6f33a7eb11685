import { imageNotPlayed, type TaskImage } from '../containers/task-image';
import { messageOf, RehearsalError } from '../errors';
import type { ContainerDefinition } from './container-definition';
import type { EcsDependencies } from './ecs-dependencies';
import type { EndpointAccess } from './endpoint-access';
import type { ExecutionRole } from './execution-role';
import type { ImagePins } from './image-pins';
import { type RegistryImageReference, registryImageReference } from './registry-image';
import { TaskStartError } from './task-start-error';

/** With what a task gets at its images. */
export interface ImageAccess {
  readonly role: ExecutionRole;
  readonly endpoints: EndpointAccess;
  /** Of the deployment that the task belongs to */
  readonly pins: ImagePins;
  readonly deps: Pick<EcsDependencies, 'containers' | 'images'>;
}

/**
 * Resolves the images of a task's containers to digests, and makes them ready to run.
 *
 * @returns one for each container
 * @throws TaskStartError `CannotPullContainerError`
 */
export async function pullImages(
  containers: readonly ContainerDefinition[],
  access: ImageAccess,
): Promise<readonly TaskImage[]> {
  const images: TaskImage[] = [];
  for (const container of containers) {
    const reference = registryImageReference(container.image);
    images.push(
      reference === undefined
        ? await findOutsideImage(container, access)
        : findRegistryImage(container, reference, access),
    );
  }
  for (const { name, image } of containers) {
    const reference = registryImageReference(image);
    if (reference !== undefined) access.endpoints.requireLayers(name, reference.endpointType);
  }
  for (const [index, image] of images.entries()) {
    await access.deps.containers.pull(image).catch(cannotPull(containers[index]?.name));
  }
  return images;
}

function findRegistryImage(
  container: ContainerDefinition,
  reference: RegistryImageReference,
  { role, endpoints, pins, deps }: ImageAccess,
): TaskImage {
  const { image, name } = container;
  const cannotResolve = (why: string) =>
    new TaskStartError(
      'CannotPullContainerError',
      `pull image manifest has been retried 1 time(s): failed to resolve ref ${image}: ${why}`,
      name,
    );
  if (reference.host !== deps.images.registryHost) {
    throw cannotResolve(
      `pulling from host ${reference.host} failed with status code [manifests ${reference.tagOrDigest}]: 403 Forbidden (the registry of this account and region is ${deps.images.registryHost})`,
    );
  }
  endpoints.requireManifest(name, image, reference);
  role.pull(name, image, reference);
  const pinned = pinnedImage(container, pins);
  if (pinned !== undefined) return pinned;
  const { repositoryName } = reference;
  const found = deps.images.findImage(repositoryName, reference.tagOrDigest);
  if (found === undefined) {
    pins.failed();
    throw cannotResolve(`${image}: not found`);
  }
  const resolved = { repositoryName, digest: found.digest };
  pins.resolved(name, resolved);
  return resolved;
}

/**
 * Fargate fetches images of other registries over the internet and without the execution role.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
 */
async function findOutsideImage(
  container: ContainerDefinition,
  { endpoints, pins, deps }: ImageAccess,
): Promise<TaskImage> {
  const { image, name } = container;
  endpoints.requireOutsideRegistry(name, image);
  const pinned = pinnedImage(container, pins);
  if (pinned !== undefined) return pinned;
  const { findOutside } = deps.containers;
  if (findOutside === undefined) throw imageNotPlayed(image);
  const found = await findOutside(image).catch((error: unknown) => {
    pins.failed();
    return cannotPull(name)(error);
  });
  // Another task of the deployment may have been quicker.
  const earlier = pinnedImage(container, pins);
  if (earlier !== undefined) return earlier;
  pins.resolved(name, found);
  return found;
}

function pinnedImage(
  { name, versionConsistency }: ContainerDefinition,
  pins: ImagePins,
): TaskImage | undefined {
  return versionConsistency ? pins.imageOf(name) : undefined;
}

function cannotPull(containerName: string | undefined): (error: unknown) => never {
  return (error) => {
    if (error instanceof RehearsalError) throw error;
    throw new TaskStartError('CannotPullContainerError', messageOf(error), containerName);
  };
}
