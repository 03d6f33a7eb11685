import type { Deployment } from './deployment';
import type { ServiceSnapshot, TaskSnapshot } from './rolling-deployment';
import type { ServiceDefinition } from './service-definition';
import type { Task } from './task';
import { healthVerdict, type HealthVerdict } from './task-health';

/** A task of a service, with what only its scheduler knows of it. */
export interface ServiceTask {
  readonly task: Task;
  readonly deployment: Deployment;
  /** Was RUNNING at least once */
  wasRunning: boolean;
  /** Was counted healthy at least once */
  wasHealthy: boolean;
  /** RUNNING for as long as a task without checks must be to count as healthy */
  settled: boolean;
  /** The grace period is still to begin, or is not over */
  inGracePeriod: boolean;
  /** Somebody knows already why it ends: the scheduler stopped it, or its own end was counted */
  endIsKnown: boolean;
}

/** Everything that a service scheduler keeps. */
export interface ServiceState {
  readonly definition: ServiceDefinition;
  desiredCount: number;
  /** Newest first; the whole history */
  deployments: Deployment[];
  tasks: ServiceTask[];
  reported: 'steady' | 'stuck' | undefined;
}

/** The scheduler's verdict on a task; `unknown` unless it is RUNNING. */
export function verdictOn(entry: ServiceTask): HealthVerdict {
  if (entry.task.record.lastStatus !== 'RUNNING') return { state: 'unknown' };
  return healthVerdict({
    targets: entry.task.targets.health,
    containerHealth: entry.task.containerHealth,
    settled: entry.settled,
    inGracePeriod: entry.inGracePeriod,
  });
}

/** The service as `decide` takes it. STOPPED tasks have no part in any decision. */
export function snapshotOf(state: ServiceState, startsHeldBack: boolean): ServiceSnapshot {
  return {
    desiredCount: state.desiredCount,
    minimumHealthyPercent: state.definition.minimumHealthyPercent,
    maximumPercent: state.definition.maximumPercent,
    circuitBreaker: state.definition.circuitBreaker,
    alarms: state.definition.alarms,
    earlySuccess: state.definition.earlySuccess,
    deployments: state.deployments,
    tasks: state.tasks.filter(({ task }) => task.record.lastStatus !== 'STOPPED').map(snapshotTask),
    startsHeldBack,
    reported: state.reported,
  };
}

function snapshotTask(entry: ServiceTask): TaskSnapshot {
  const { record } = entry.task;
  const phase =
    record.desiredStatus === 'STOPPED'
      ? 'stopping'
      : record.lastStatus === 'RUNNING'
        ? 'running'
        : 'pending';
  return {
    id: record.taskId,
    deploymentId: entry.deployment.id,
    phase,
    health: verdictOn(entry).state,
    availabilityZone: record.networkInterface.availabilityZone,
    createdAt: record.createdAt,
  };
}
