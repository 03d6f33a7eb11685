import type { Clock } from '../clock';
import { afterTaskOutcome, type TaskOutcome, untouchedBreaker } from './circuit-breaker';
import { type Deployment, newDeployment } from './deployment';
import type { ServiceEvents } from './service-events';
import type { ServiceState } from './service-state';
import type { RegisteredTaskDefinition } from './task-definition-registry';

/**
 * Where the page of deployment events says `task failed`, live services print `tasks failed`. For
 * alarms the page has no text: `alarm detected` is what live services print in their event list.
 */
const FAILURES = {
  'circuit-breaker': {
    detector: 'ECS deployment circuit breaker',
    problem: 'tasks failed to start',
  },
  alarm: { detector: 'ECS deployment alarm', problem: 'alarm detected' },
} as const;

/** The deployments of one service: how each begins, ends, and follows another. */
export class ServiceDeployments {
  constructor(
    private readonly state: ServiceState,
    private readonly events: ServiceEvents,
    private readonly clock: Clock,
  ) {}

  get primary(): Deployment {
    const primary = this.state.deployments.find(({ status }) => status === 'PRIMARY');
    if (primary === undefined) throw new Error('a service has a deployment from the start');
    return primary;
  }

  byId(id: string): Deployment {
    const deployment = this.state.deployments.find((candidate) => candidate.id === id);
    if (deployment === undefined) throw new Error(`the service has no deployment ${id}`);
    return deployment;
  }

  /** The one before it becomes ACTIVE until its tasks are gone. */
  begin(taskDefinition: RegisteredTaskDefinition): Deployment {
    const now = this.clock.now();
    for (const other of this.state.deployments.filter(({ status }) => status === 'PRIMARY')) {
      other.status = 'ACTIVE';
      other.updatedAt = now;
      other.finishedAt ??= now;
    }
    const deployment = newDeployment(taskDefinition, now);
    this.state.deployments.unshift(deployment);
    this.announceProgress(deployment);
    return deployment;
  }

  complete(deployment: Deployment): void {
    this.conclude(deployment, 'COMPLETED', `ECS deployment ${deployment.id} completed.`);
    deployment.rollingBack = false;
    this.events.message(`(deployment ${deployment.id}) deployment completed.`);
    this.events.deploymentStateChange(
      'SERVICE_DEPLOYMENT_COMPLETED',
      deployment.id,
      deployment.rolloutStateReason,
    );
  }

  /** @param rollBackTo id of the deployment that becomes PRIMARY again; undefined: none does */
  fail(
    deployment: Deployment,
    because: 'circuit-breaker' | 'alarm',
    rollBackTo: string | undefined,
  ): void {
    const { detector, problem } = FAILURES[because];
    const reason = `${detector}: ${problem}.`;
    this.conclude(deployment, 'FAILED', reason);
    this.events.message(`(deployment ${deployment.id}) deployment failed: ${problem}.`);
    this.events.deploymentStateChange('SERVICE_DEPLOYMENT_FAILED', deployment.id, reason);
    if (rollBackTo === undefined) return;
    const target = this.byId(rollBackTo);
    deployment.status = 'ACTIVE';
    target.status = 'PRIMARY';
    target.rolloutState = 'IN_PROGRESS';
    target.rolloutStateReason = `${detector}: rolling back to deploymentId ${target.id}.`;
    target.rollingBack = true;
    target.breaker = untouchedBreaker;
    target.updatedAt = this.clock.now();
    target.finishedAt = undefined;
    this.events.message(`rolling back to deployment ${target.id}.`);
    this.announceProgress(target);
  }

  /** Tells the circuit breaker, which watches a deployment only while it is IN_PROGRESS. */
  count(deployment: Deployment, outcome: TaskOutcome): void {
    if (deployment.rolloutState !== 'IN_PROGRESS') return;
    deployment.breaker = afterTaskOutcome(
      deployment.breaker,
      outcome,
      this.state.definition.circuitBreaker,
    );
  }

  /** An older deployment without tasks is no longer listed. */
  retire(): void {
    for (const deployment of this.state.deployments) {
      const hasTasks = this.state.tasks.some(
        (entry) => entry.deployment === deployment && entry.task.record.lastStatus !== 'STOPPED',
      );
      if (deployment.status === 'ACTIVE' && !hasTasks) deployment.status = 'INACTIVE';
    }
  }

  private conclude(
    deployment: Deployment,
    rolloutState: 'COMPLETED' | 'FAILED',
    reason: string,
  ): void {
    deployment.rolloutState = rolloutState;
    deployment.rolloutStateReason = reason;
    deployment.updatedAt = this.clock.now();
    deployment.finishedAt = deployment.updatedAt;
  }

  private announceProgress({ id, rolloutStateReason }: Deployment): void {
    this.events.deploymentStateChange('SERVICE_DEPLOYMENT_IN_PROGRESS', id, rolloutStateReason);
  }
}
