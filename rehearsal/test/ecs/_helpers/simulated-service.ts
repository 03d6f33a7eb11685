import { type CircuitBreakerSettings, untouchedBreaker } from '../../../src/ecs/circuit-breaker';
import {
  decide,
  type DeploymentSnapshot,
  type SchedulerAction,
  type ServiceSnapshot,
  type TaskSnapshot,
} from '../../../src/ecs/rolling-deployment';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const breakerOff: CircuitBreakerSettings = {
  enable: false,
  rollback: false,
  resetOnHealthyTask: true,
  thresholdType: 'BOUNDED_PERCENT',
  thresholdValue: 50,
};

export function deployment(
  id: string,
  overrides: Partial<DeploymentSnapshot> = {},
): Mutable<DeploymentSnapshot> {
  return {
    id,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    breaker: untouchedBreaker,
    alarmDetected: false,
    bakeTime: undefined,
    rollingBack: false,
    ...overrides,
  };
}

/** A service whose tasks do only what a test makes them do. */
export class SimulatedService {
  readonly tasks: Mutable<TaskSnapshot>[] = [];
  deployments: Mutable<DeploymentSnapshot>[];
  reported: 'steady' | 'stuck' | undefined;
  alarms: ServiceSnapshot['alarms'];
  earlySuccess: ServiceSnapshot['earlySuccess'];
  startsHeldBack = false;
  /** e.g. `+2`, `-3`: what was started and stopped, in order */
  readonly moves: string[] = [];
  private started = 0;

  constructor(
    public desiredCount: number,
    readonly minimumHealthyPercent: number,
    readonly maximumPercent: number,
    /** Tasks of the old revision, all healthy */
    oldTasks = desiredCount,
    readonly circuitBreaker = breakerOff,
  ) {
    this.deployments = [
      deployment('new'),
      deployment('old', { status: 'ACTIVE', rolloutState: 'COMPLETED' }),
    ];
    for (let index = 0; index < oldTasks; index += 1) this.add('old', 'running', 'healthy');
  }

  add(
    deploymentId: string,
    phase: TaskSnapshot['phase'],
    health: TaskSnapshot['health'] = 'unknown',
  ): Mutable<TaskSnapshot> {
    this.started += 1;
    const task = {
      id: `${deploymentId}-${this.started}`,
      deploymentId,
      phase,
      health,
      availabilityZone: this.started % 2 === 0 ? 'a' : 'b',
      createdAt: this.started,
    };
    this.tasks.push(task);
    return task;
  }

  snapshot(): ServiceSnapshot {
    const { desiredCount, minimumHealthyPercent, maximumPercent, circuitBreaker } = this;
    const { alarms, earlySuccess, deployments, startsHeldBack, reported } = this;
    return {
      desiredCount,
      minimumHealthyPercent,
      maximumPercent,
      circuitBreaker,
      alarms,
      earlySuccess,
      deployments,
      startsHeldBack,
      reported,
      tasks: this.tasks.map((task) => ({ ...task })),
    };
  }

  /** Decides once and carries it out. */
  step(): readonly SchedulerAction[] {
    const actions = decide(this.snapshot());
    const stops = actions.filter(({ type }) => type === 'stop-task').length;
    if (stops > 0) this.moves.push(`-${stops}`);
    for (const action of actions) this.carryOut(action);
    return actions;
  }

  /** Decides until there is nothing to do. */
  settle(): void {
    for (let rounds = 0; this.step().length > 0; rounds += 1) {
      if (rounds > 1000) throw new Error('the scheduler never comes to rest');
    }
  }

  /** Every pending task runs and is healthy; every stopping task is gone. */
  allGoesWell(): void {
    for (const task of this.live) Object.assign(task, { phase: 'running', health: 'healthy' });
    this.removeStopping();
  }

  /** As `allGoesWell`, but unhealthy tasks stay so. */
  allGoesWellExceptUnhealthy(): void {
    const sick = this.live.filter(({ health }) => health === 'unhealthy');
    this.allGoesWell();
    for (const task of sick) task.health = 'unhealthy';
  }

  removeStopping(): void {
    this.tasks.splice(0, this.tasks.length, ...this.live);
  }

  get live(): Mutable<TaskSnapshot>[] {
    return this.tasks.filter(({ phase }) => phase !== 'stopping');
  }

  get healthy(): number {
    return this.live.filter(({ phase, health }) => phase === 'running' && health === 'healthy')
      .length;
  }

  count(deploymentId: string): number {
    return this.live.filter((task) => task.deploymentId === deploymentId).length;
  }

  get primary(): Mutable<DeploymentSnapshot> {
    return this.deployments.find(({ status }) => status === 'PRIMARY')!;
  }

  private carryOut(action: SchedulerAction): void {
    switch (action.type) {
      case 'start-tasks':
        this.moves.push(`+${action.count}`);
        for (let n = 0; n < action.count; n += 1) this.add(action.deploymentId, 'pending');
        break;
      case 'stop-task':
        this.tasks.find(({ id }) => id === action.taskId)!.phase = 'stopping';
        break;
      case 'start-bake-time':
        this.primary.bakeTime = 'running';
        break;
      case 'complete-deployment':
        this.primary.rolloutState = 'COMPLETED';
        break;
      case 'fail-deployment':
        this.primary.rolloutState = 'FAILED';
        if (action.rollBackTo !== undefined) {
          this.primary.status = 'ACTIVE';
          const target = this.deployments.find(({ id }) => id === action.rollBackTo)!;
          Object.assign(target, {
            status: 'PRIMARY',
            rolloutState: 'IN_PROGRESS',
            rollingBack: true,
          });
        }
        break;
      case 'report-steady-state':
        this.reported = 'steady';
        break;
      case 'report-stuck':
        this.reported = 'stuck';
        break;
    }
  }
}
