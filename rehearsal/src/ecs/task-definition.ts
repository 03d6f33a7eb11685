import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, cfnString, readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';
import {
  type ContainerDefinition,
  containerDefinitionSchema,
  playedContainerProperties,
} from './container-definition';
import { EcsApiError } from './ecs-api-error';
import { refusalOfSize, taskCpu, taskMemory } from './fargate-sizes';
import type { ImageDefinition } from './image-definitions';
import { registryImageReference } from './registry-image';

/** What a task is made of. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html */
export interface TaskDefinition {
  readonly family: string;
  /** CPU units of the whole task; 1024 are one CPU */
  readonly cpu: number;
  /** MiB of the whole task */
  readonly memory: number;
  readonly containerDefinitions: readonly ContainerDefinition[];
  readonly executionRoleArn: string | undefined;
  readonly taskRoleArn: string | undefined;
  readonly runtimePlatform: {
    readonly cpuArchitecture: string;
    readonly operatingSystemFamily: string;
  };
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
}

/**
 * Properties of AWS::ECS::TaskDefinition that the engine plays. RuntimePlatform and
 * EphemeralStorage are not among them: tasks run on the processor and the disk of this machine,
 * whatever is asked for.
 */
export const playedProperties: readonly string[] = [
  'Family',
  'Cpu',
  'Memory',
  'ExecutionRoleArn',
  'TaskRoleArn',
  'NetworkMode',
  'RequiresCompatibilities',
  'Tags',
  ...playedContainerProperties.map((name) => `ContainerDefinitions.${name}`),
];

const schema = z.object({
  Family: cfnString.optional(),
  Cpu: taskCpu,
  Memory: taskMemory,
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EphemeralStorage.html
  EphemeralStorage: z.object({ SizeInGiB: cfnNumber.pipe(z.int().min(21).max(200)) }).optional(),
  ContainerDefinitions: z.array(containerDefinitionSchema).min(1),
  ExecutionRoleArn: cfnString.optional(),
  TaskRoleArn: cfnString.optional(),
  NetworkMode: z.literal('awsvpc', 'only awsvpc, the network mode of Fargate, can be played'),
  RuntimePlatform: z
    .object({
      CpuArchitecture: cfnString.default('X86_64'),
      OperatingSystemFamily: z
        .literal('LINUX', 'only LINUX can be played of the operating systems')
        .default('LINUX'),
    })
    .default({ CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' }),
  Tags: z.array(z.object({ Key: cfnString, Value: cfnString })).default([]),
});

/**
 * Reads an AWS::ECS::TaskDefinition.
 *
 * @throws RehearsalError `PropertyInvalid` or `TaskDefinitionRejected`
 */
export function readTaskDefinition(resource: DeployedResource): TaskDefinition {
  const read = readProperties(resource, schema);
  const definition: TaskDefinition = {
    family: read.Family ?? familyOf(resource.physicalId),
    cpu: read.Cpu,
    memory: read.Memory,
    containerDefinitions: read.ContainerDefinitions,
    executionRoleArn: read.ExecutionRoleArn,
    taskRoleArn: read.TaskRoleArn,
    runtimePlatform: {
      cpuArchitecture: read.RuntimePlatform.CpuArchitecture,
      operatingSystemFamily: read.RuntimePlatform.OperatingSystemFamily,
    },
    tags: read.Tags,
  };
  try {
    checkTaskDefinition(definition);
  } catch (error) {
    if (!(error instanceof EcsApiError)) throw error;
    throw new RehearsalError(
      'TaskDefinitionRejected',
      `${resource.type} '${resource.logicalId}' in stack '${resource.stack}': ECS would refuse it: ${error.message}`,
      { cause: error },
    );
  }
  return definition;
}

/** Family in an ARN or in `family:revision`. */
export function familyOf(arnOrName: string): string {
  return arnOrName.replace(/^.*task-definition\//, '').replace(/:\d+$/, '');
}

/**
 * What RegisterTaskDefinition refuses, in its words.
 *
 * @throws EcsApiError `ClientException`
 */
export function checkTaskDefinition(definition: TaskDefinition): void {
  const containers = definition.containerDefinitions;
  const names = containers.map(({ name }) => name);
  const refuse = (message: string): never => {
    throw new EcsApiError('ClientException', message);
  };
  if (new Set(names).size < names.length)
    refuse('Container name should be unique within a task definition.');
  if (!containers.some(({ essential }) => essential))
    refuse('Invalid setting for container. At least one container must be essential.');
  for (const container of containers) {
    for (const { containerName } of container.dependsOn) {
      if (!names.includes(containerName))
        refuse(
          `Container '${container.name}' depends on '${containerName}', which is not defined.`,
        );
    }
    if (dependsOnItself(container.name, containers))
      refuse(`Container '${container.name}' depends on itself, directly or through others.`);
  }
  const size = refusalOfSize(definition.cpu, definition.memory);
  if (size !== undefined) refuse(size);
  const roleFor = needOfExecutionRole(containers);
  if (definition.executionRoleArn === undefined && roleFor !== undefined) refuse(roleFor);
}

/** In the words of https://github.com/virtual-kubelet/virtual-kubelet/issues/193 and https://github.com/fabfuel/ecs-deploy/issues/87 */
function needOfExecutionRole(containers: readonly ContainerDefinition[]): string | undefined {
  const fargate = 'Fargate requires task definition to have execution role ARN to support';
  if (containers.some(({ image }) => registryImageReference(image) !== undefined))
    return `${fargate} ECR images.`;
  if (containers.some(({ logConfiguration }) => logConfiguration?.logDriver === 'awslogs'))
    return `${fargate} log driver awslogs.`;
  return containers.some(({ secrets }) => secrets.length > 0)
    ? "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
    : undefined;
}

function dependsOnItself(name: string, containers: readonly ContainerDefinition[]): boolean {
  const seen = new Set<string>();
  const reach = (from: string): boolean =>
    (containers.find((container) => container.name === from)?.dependsOn ?? []).some(
      ({ containerName }) => {
        if (containerName === name) return true;
        if (seen.has(containerName)) return false;
        seen.add(containerName);
        return reach(containerName);
      },
    );
  return reach(name);
}

/**
 * The definition with the images of the named containers replaced, everything else kept.
 *
 * @throws EcsApiError `InvalidParameterException` when a name is not a container of the definition.
 *   What CodePipeline itself says then is not documented; ECS has no such container to deploy to.
 */
export function withImages(
  definition: TaskDefinition,
  images: readonly ImageDefinition[],
): TaskDefinition {
  const names = definition.containerDefinitions.map(({ name }) => name);
  const unknown = images.filter(({ name }) => !names.includes(name));
  if (unknown.length > 0) {
    throw new EcsApiError(
      'InvalidParameterException',
      `The image definitions name the container ${unknown.map(({ name }) => `'${name}'`).join(', ')}, ` +
        `but task definition '${definition.family}' has only ${names.map((name) => `'${name}'`).join(', ')}.`,
    );
  }
  return {
    ...definition,
    containerDefinitions: definition.containerDefinitions.map((container) => ({
      ...container,
      image: images.find(({ name }) => name === container.name)?.imageUri ?? container.image,
    })),
  };
}
