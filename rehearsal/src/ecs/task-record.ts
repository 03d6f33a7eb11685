import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { isoTime } from '../clock';
import type { ContainerState } from './task-containers';
import type { RegisteredTaskDefinition } from './task-definition-registry';
import type { HealthStatus } from './task-health';
import type { TaskNetworkInterface } from './task-network';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html */
export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html */
export type StopCode =
  | 'TaskFailedToStart'
  | 'EssentialContainerExited'
  | 'UserInitiated'
  | 'ServiceSchedulerInitiated'
  | 'SpotInterruption';

/** What DescribeTasks knows of a task; times are milliseconds since the epoch. */
export interface TaskRecord {
  readonly taskId: string;
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinition: RegisteredTaskDefinition;
  /** `service:<name>` */
  readonly group: string;
  /** Id of the deployment */
  readonly startedBy: string;
  readonly platformVersion: string;
  readonly networkInterface: TaskNetworkInterface;
  /** Rises with every change */
  version: number;
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  healthStatus: HealthStatus;
  containers: readonly ContainerState[];
  createdAt: number;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  stoppedAt?: number;
  stopCode?: StopCode;
  stoppedReason?: string;
  /** Why a container could not start, and with it the task */
  startFailure?: { readonly containerName: string; readonly reason: string };
}

type GivenFields =
  | 'clusterArn'
  | 'taskDefinition'
  | 'group'
  | 'startedBy'
  | 'platformVersion'
  | 'networkInterface'
  | 'createdAt';

/** A task that is about to be provisioned, under a new id. */
export function newTaskRecord(given: Pick<TaskRecord, GivenFields>): TaskRecord {
  const taskId = randomBytes(16).toString('hex');
  return {
    ...given,
    taskId,
    taskArn: `${given.clusterArn.replace(':cluster/', ':task/')}/${taskId}`,
    version: 0,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    healthStatus: 'UNKNOWN',
    containers: [],
  };
}

/**
 * The detail of an `ECS Task State Change` event.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export function taskEventDetail(task: TaskRecord, now: number): Record<string, unknown> {
  const { definition } = task.taskDefinition;
  const network = task.networkInterface;
  const interfaceGone = task.lastStatus === 'DEPROVISIONING' || task.lastStatus === 'STOPPED';
  return {
    attachments: [
      {
        id: network.attachmentId,
        type: 'eni',
        status: interfaceGone ? 'DELETED' : 'ATTACHED',
        details: [
          { name: 'subnetId', value: network.subnetId },
          { name: 'networkInterfaceId', value: network.networkInterfaceId },
          { name: 'macAddress', value: network.macAddress },
          // What the detail with an address of IPv6 is called is not documented.
          ...(isIPv6(network.address)
            ? []
            : [{ name: 'privateIPv4Address', value: network.address }]),
        ],
      },
    ],
    availabilityZone: network.availabilityZone,
    clusterArn: task.clusterArn,
    connectivity: 'CONNECTED',
    containers: definition.containerDefinitions.map((container) =>
      containerDetail(task, container),
    ),
    cpu: String(definition.cpu),
    memory: String(definition.memory),
    desiredStatus: task.desiredStatus,
    lastStatus: task.lastStatus,
    healthStatus: task.healthStatus,
    group: task.group,
    launchType: 'FARGATE',
    platformVersion: task.platformVersion,
    overrides: {
      containerOverrides: definition.containerDefinitions.map(({ name }) => ({ name })),
    },
    startedBy: task.startedBy,
    taskArn: task.taskArn,
    taskDefinitionArn: task.taskDefinition.taskDefinitionArn,
    version: task.version,
    updatedAt: isoTime(now),
    ...times(task),
    ...(task.stopCode && { stopCode: task.stopCode, stoppedReason: task.stoppedReason }),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html */
const MAX_REASON_CHARACTERS = 1024;

function containerDetail(
  task: TaskRecord,
  { name, image, cpu }: { name: string; image: string; cpu: number },
): Record<string, unknown> {
  const state = task.containers.find(({ definition }) => definition.name === name);
  const { attachmentId, address } = task.networkInterface;
  const { startFailure } = task;
  const reason = startFailure?.containerName === name ? startFailure.reason : state?.exit?.reason;
  return {
    containerArn: `${task.taskArn.replace(':task/', ':container/')}/${name}`,
    taskArn: task.taskArn,
    name,
    image,
    cpu: String(cpu),
    lastStatus: state?.lastStatus ?? (task.lastStatus === 'STOPPED' ? 'STOPPED' : 'PENDING'),
    networkInterfaces: [
      {
        attachmentId,
        ...(isIPv6(address) ? { ipv6Address: address } : { privateIpv4Address: address }),
      },
    ],
    ...(state && { imageDigest: state.imageDigest }),
    ...(state?.running && { runtimeId: state.running.id }),
    ...(state?.healthStatus && { healthStatus: state.healthStatus }),
    ...(state?.exit && { exitCode: state.exit.exitCode }),
    ...(reason !== undefined && { reason: reason.slice(0, MAX_REASON_CHARACTERS) }),
  };
}

function times(task: TaskRecord): Record<string, string> {
  const { createdAt, pullStartedAt, pullStoppedAt, startedAt, stoppingAt, stoppedAt } = task;
  const all = { createdAt, pullStartedAt, pullStoppedAt, startedAt, stoppingAt, stoppedAt };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, time]) =>
      time === undefined ? [] : [[name, isoTime(time)]],
    ),
  );
}
