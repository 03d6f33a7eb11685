import type { ContainerSpec, RegistryImage } from '../containers/container-engine';
import { isoTime } from '../clock';
import type { TaskInterface } from '../ec2/reachability-questions';
import { messageOf, RehearsalError } from '../errors';
import type { ContainerDefinition } from './container-definition';
import type { EcsDependencies } from './ecs-dependencies';
import { EndpointAccess } from './endpoint-access';
import { EndpointAuthorizer } from './endpoint-authorizer';
import { ExecutionRole } from './execution-role';
import type { ImagePins } from './image-pins';
import { requireRegistryImage } from './registry-image';
import type { TaskDefinition } from './task-definition';
import { TaskStartError } from './task-start-error';

/** A container of a task, ready to run. */
export interface PreparedContainer {
  readonly definition: ContainerDefinition;
  readonly spec: ContainerSpec;
}

/**
 * Does what has to be done before containers can run, in the order of Fargate: registry
 * authorization and secrets, log streams, images.
 *
 * @param pins of the deployment that the task belongs to
 * @param from where the task stands in the network
 * @throws TaskStartError
 */
export async function prepareContainers(
  taskId: string,
  task: TaskDefinition,
  pins: ImagePins,
  from: TaskInterface,
  deps: EcsDependencies,
): Promise<readonly PreparedContainer[]> {
  // checkTaskDefinition refuses a definition without an execution role.
  const authorizer = new EndpointAuthorizer(from, deps);
  const role = new ExecutionRole(task.executionRoleArn ?? '', taskId, { ...deps, authorizer });
  role.assume();
  if (task.taskRoleArn !== undefined) new ExecutionRole(task.taskRoleArn, taskId, deps).assume();
  const endpoints = new EndpointAccess(from, deps);
  endpoints.requireRegistryAuthorization();
  role.getRegistryAuthorization();
  for (const { valueFrom } of task.containerDefinitions.flatMap(({ secrets }) => secrets)) {
    endpoints.requireSecret(valueFrom);
  }
  const environments = task.containerDefinitions.map((container) => ({
    // Variables that Fargate itself sets (task-metadata-endpoint-v4-fargate.html names others,
    // which point at endpoints that are not played).
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_REGION: deps.region,
    AWS_DEFAULT_REGION: deps.region,
    ...container.environment,
    ...Object.fromEntries(
      container.secrets.map(({ name, valueFrom }) => [name, role.secretValue(valueFrom)]),
    ),
  }));
  for (const container of task.containerDefinitions) endpoints.requireLogs(container);
  const logStreams = task.containerDefinitions.map((container) => role.createLogStream(container));
  const images = task.containerDefinitions.map((container) =>
    resolveImage(container, role, endpoints, pins, deps),
  );
  for (const { name, image } of task.containerDefinitions) {
    endpoints.requireLayers(name, requireRegistryImage(image).endpointType);
  }
  for (const [index, image] of images.entries()) {
    await deps.containers.pull(image).catch((error: unknown) => {
      if (error instanceof RehearsalError) throw error;
      const name = task.containerDefinitions[index]?.name;
      throw new TaskStartError('CannotPullContainerError', messageOf(error), name);
    });
  }
  return task.containerDefinitions.map((definition, index) => ({
    definition,
    spec: {
      name: `ecs-${task.family}-${definition.name}-${taskId}`,
      image: images[index] as RegistryImage,
      environment: environments[index] ?? {},
      ...(definition.command && { command: definition.command }),
      ...(definition.entryPoint && { entryPoint: definition.entryPoint }),
      ...(definition.workingDirectory !== undefined && {
        workingDirectory: definition.workingDirectory,
      }),
      ...(definition.user !== undefined && { user: definition.user }),
      readonlyRootFilesystem: definition.readonlyRootFilesystem,
      dropCapabilities: definition.dropCapabilities,
      initProcessEnabled: definition.initProcessEnabled,
      ...(definition.openFiles && { openFiles: definition.openFiles }),
      tmpfs: definition.tmpfs,
      // A container without limits of its own may use all that the task has.
      cpuUnits: definition.cpu || task.cpu,
      memoryMiB: definition.memory ?? task.memory,
      containerPorts: [...new Set(definition.containerPorts)],
      onOutput: (message) =>
        deps.events.emit({
          kind: 'log',
          time: isoTime(deps.clock.now()),
          group: logStreams[index]?.group ?? definition.name,
          stream: logStreams[index]?.stream ?? `${definition.name}/${taskId}`,
          message,
        }),
    },
  }));
}

function resolveImage(
  container: ContainerDefinition,
  role: ExecutionRole,
  endpoints: EndpointAccess,
  pins: ImagePins,
  deps: EcsDependencies,
): RegistryImage {
  const { image, name } = container;
  const reference = requireRegistryImage(image);
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
  const pinned = container.versionConsistency ? pins.digestOf(name) : undefined;
  const { repositoryName } = reference;
  if (pinned !== undefined) return { repositoryName, digest: pinned };
  const found = deps.images.findImage(repositoryName, reference.tagOrDigest);
  if (found === undefined) {
    pins.failed();
    throw cannotResolve(`${image}: not found`);
  }
  pins.resolved(name, found.digest);
  return { repositoryName, digest: found.digest };
}
