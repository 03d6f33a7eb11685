import { RehearsalError } from '../errors';
import type { TaskInterface } from '../ec2/reachability-questions';
import { prepareContainers } from './container-specs';
import type { EcsDependencies } from './ecs-dependencies';
import type { ImagePins } from './image-pins';
import type { ServiceLoadBalancer } from './service-definition';
import { type ContainerState, TaskContainers } from './task-containers';
import type { HealthStatus } from './task-health';
import type { StopCode, TaskRecord, TaskStatus } from './task-record';
import { taskEventDetail } from './task-record';
import { TaskStartError } from './task-start-error';
import { TaskTargets } from './task-targets';

export interface TaskOptions {
  readonly record: TaskRecord;
  /** From where it reaches the registry */
  readonly reachesFrom: TaskInterface;
  /** Shared by the tasks of a deployment */
  readonly imagePins: ImagePins;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  /** Called after every change of the task or of one of its containers */
  onChange(task: Task): void;
  /** Called when the task cannot be rehearsed, which is not how it would fail on AWS */
  onUnplayable(error: RehearsalError): void;
}

/**
 * A task from PROVISIONING to STOPPED.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 */
export class Task {
  readonly record: TaskRecord;
  readonly targets: TaskTargets;
  /** Resolves when the task is STOPPED; rejects only for a defect of the engine */
  readonly stopped: Promise<void>;
  private containers: TaskContainers | undefined;
  private readonly stopRequested = new AbortController();
  private readonly killed = new AbortController();

  constructor(
    private readonly options: TaskOptions,
    private readonly deps: EcsDependencies,
  ) {
    this.record = options.record;
    this.targets = new TaskTargets(this.record.networkInterface, options.loadBalancers, deps);
    this.emit();
    this.stopped = this.live();
  }

  get id(): string {
    return this.record.taskId;
  }

  /** Over essential containers with a health check; undefined when there is none. */
  get containerHealth(): HealthStatus | undefined {
    return this.containers?.health;
  }

  /** Ends the task in AWS's order: deregister, wait for `unused`, stop signal, SIGKILL. */
  stop(stopCode: StopCode, stoppedReason: string): void {
    if (this.record.desiredStatus === 'STOPPED') return;
    this.record.desiredStatus = 'STOPPED';
    this.record.stopCode = stopCode;
    this.record.stoppedReason = stoppedReason;
    this.stopRequested.abort();
  }

  /**
   * Takes the capacity of Fargate Spot back: an event and the stop signal come at once, and two
   * minutes are what is left. (A container's stopTimeout is at most as long.)
   * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
   */
  interrupt(): void {
    if (this.record.desiredStatus === 'STOPPED') return;
    this.stop('SpotInterruption', 'Your Spot Task was interrupted.');
    this.emit();
  }

  /** Ends the task at once, for the end of the rehearsal: no draining, no stop signal. */
  async kill(): Promise<void> {
    this.killed.abort();
    this.stop('UserInitiated', 'Task stopped by user');
    await this.stopped;
  }

  private async live(): Promise<void> {
    // The caller gets to know the task before anything happens to it.
    await Promise.resolve();
    try {
      await this.start();
    } catch (error) {
      if (error instanceof RehearsalError) this.options.onUnplayable(error);
      else if (!(error instanceof TaskStartError)) throw error;
      else if (error.containerName !== undefined) {
        this.record.startFailure = { containerName: error.containerName, reason: error.message };
      }
      this.stop('TaskFailedToStart', error.message);
    }
    await untilAborted(this.stopRequested.signal);
    await this.end();
  }

  private async start(): Promise<void> {
    const { record, deps } = this;
    this.enter('PENDING');
    if (this.isStopping()) return;
    this.enter('ACTIVATING');
    record.pullStartedAt = deps.clock.now();
    const prepared = await prepareContainers(
      this.id,
      record.taskDefinition.definition,
      this.options.imagePins,
      this.options.reachesFrom,
      deps,
    );
    record.pullStoppedAt = deps.clock.now();
    if (this.isStopping()) return;
    this.containers = new TaskContainers(prepared, deps.containers, deps.clock, (state) =>
      this.containerChanged(state),
    );
    record.containers = this.containers.states;
    await untilAborted(this.stopRequested.signal, this.containers.start());
    if (this.isStopping()) return;
    this.targets.register(this.containers);
    record.startedAt = deps.clock.now();
    this.enter('RUNNING');
  }

  private containerChanged(state: ContainerState): void {
    this.record.healthStatus = this.containers?.health ?? 'UNKNOWN';
    if (state.exit !== undefined && state.definition.essential) {
      this.stop('EssentialContainerExited', 'Essential container in task exited');
    }
    // The exit of a container while the task stops is told with the task's next status.
    if (!this.isStopping()) this.emit();
    else this.options.onChange(this);
  }

  private async end(): Promise<void> {
    // Nobody waits for draining when a container has exited or the capacity is taken back.
    const stopsAtOnce = ['EssentialContainerExited', 'SpotInterruption'].includes(
      this.record.stopCode ?? '',
    );
    const stopping = stopsAtOnce ? this.stopContainers() : undefined;
    if (this.targets.areRegistered) {
      this.targets.deregister();
      this.enter('DEACTIVATING');
      await this.targets.unused(this.killed.signal);
    }
    this.record.stoppingAt = this.deps.clock.now();
    this.enter('STOPPING');
    await (stopping ?? this.stopContainers());
    this.enter('DEPROVISIONING');
    this.record.stoppedAt = this.deps.clock.now();
    this.enter('STOPPED');
  }

  private async stopContainers(): Promise<void> {
    if (this.containers === undefined) return;
    if (this.killed.signal.aborted) return this.containers.kill();
    await untilAborted(this.killed.signal, this.containers.stop());
    if (this.isKilled()) await this.containers.kill();
  }

  private enter(status: TaskStatus): void {
    this.record.lastStatus = status;
    this.emit();
  }

  private emit(): void {
    const { record, deps } = this;
    record.version += 1;
    const now = deps.clock.now();
    deps.events.emit({
      kind: 'aws',
      source: 'aws.ecs',
      'detail-type': 'ECS Task State Change',
      account: deps.account,
      region: deps.region,
      time: new Date(now).toISOString(),
      resources: [record.taskArn],
      detail: taskEventDetail(record, now),
    });
    this.options.onChange(this);
  }

  private isStopping(): boolean {
    return this.stopRequested.signal.aborted;
  }

  private isKilled(): boolean {
    return this.killed.signal.aborted;
  }
}

/** Resolves when the signal aborts or, if that comes first, as `work` does. */
function untilAborted(signal: AbortSignal, work?: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    work?.then(resolve, reject);
  });
}
