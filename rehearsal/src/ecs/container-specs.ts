import type { ContainerSpec } from '../containers/container-engine';
import type { TaskImage } from '../containers/task-image';
import { isoTime } from '../clock';
import type { TaskInterface } from '../ec2/reachability-questions';
import type { ContainerDefinition } from './container-definition';
import type { EcsDependencies } from './ecs-dependencies';
import { EndpointAccess } from './endpoint-access';
import { EndpointAuthorizer } from './endpoint-authorizer';
import { ExecutionRole } from './execution-role';
import type { ImagePins } from './image-pins';
import { registryImageReference } from './registry-image';
import type { TaskDefinition } from './task-definition';
import { pullImages } from './task-images';

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
  const authorizer = new EndpointAuthorizer(from, deps);
  // checkTaskDefinition refuses a definition that needs an execution role and has none.
  const role = new ExecutionRole(task.executionRoleArn ?? '', taskId, { ...deps, authorizer });
  if (task.executionRoleArn !== undefined) role.assume();
  if (task.taskRoleArn !== undefined) new ExecutionRole(task.taskRoleArn, taskId, deps).assume();
  const endpoints = new EndpointAccess(from, deps);
  if (task.containerDefinitions.some(({ image }) => registryImageReference(image) !== undefined)) {
    endpoints.requireRegistryAuthorization();
    role.getRegistryAuthorization();
  }
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
  const images = await pullImages(task.containerDefinitions, { role, endpoints, pins, deps });
  return task.containerDefinitions.map((definition, index) => ({
    definition,
    spec: {
      name: `ecs-${task.family}-${definition.name}-${taskId}`,
      image: images[index] as TaskImage,
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
