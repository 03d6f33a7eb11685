import type { Clock } from '../clock';
import type {
  ContainerEngine,
  ContainerExit,
  RunningContainer,
} from '../containers/container-engine';
import { messageOf, RehearsalError } from '../errors';
import type { ContainerDefinition } from './container-definition';
import { watchContainerHealth } from './container-health';
import type { PreparedContainer } from './container-specs';
import { type HealthStatus, taskHealthStatus } from './task-health';
import { TaskStartError } from './task-start-error';

/** One container of a task, as DescribeTasks shows it. */
export interface ContainerState {
  readonly definition: ContainerDefinition;
  readonly imageDigest: string;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  healthStatus: HealthStatus | undefined;
  running: RunningContainer | undefined;
  exit: ContainerExit | undefined;
}

/** The containers of one task: started in the order of their dependencies, stopped in reverse. */
export class TaskContainers {
  readonly states: readonly ContainerState[];
  private readonly ended = new AbortController();
  private readonly waiting = new Set<() => void>();
  private started: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly prepared: readonly PreparedContainer[],
    private readonly engine: ContainerEngine,
    private readonly clock: Clock,
    private readonly onChange: (state: ContainerState) => void,
  ) {
    this.states = prepared.map(({ definition, spec }) => ({
      definition,
      imageDigest: spec.image.digest,
      lastStatus: 'PENDING',
      healthStatus: definition.healthCheck && 'UNKNOWN',
      running: undefined,
      exit: undefined,
    }));
  }

  /** Health over the essential containers that are checked. */
  get health(): HealthStatus | undefined {
    return taskHealthStatus(
      this.states.flatMap(({ definition, healthStatus }) =>
        definition.essential && healthStatus !== undefined ? [healthStatus] : [],
      ),
    );
  }

  /**
   * Resolves when every container has started.
   *
   * @throws TaskStartError for the first that cannot; those that did start keep running
   */
  async start(): Promise<void> {
    const starts = this.states.map((state, index) => this.startOne(state, this.prepared[index]));
    const settled = Promise.allSettled(starts);
    this.started = settled;
    const failed = (await settled).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Where a container's port takes connections on this machine. */
  hostPort(containerName: string, containerPort: number): number | undefined {
    return this.state(containerName)?.running?.hostPorts.get(containerPort);
  }

  /** Where it takes datagrams. */
  udpHostPort(containerName: string, containerPort: number): number | undefined {
    return this.state(containerName)?.running?.udpHostPorts.get(containerPort);
  }

  /** Every published port: the containers of a task share one network interface, and so its ports. */
  get hostPorts(): ReadonlyMap<number, number> {
    return new Map(this.states.flatMap(({ running }) => [...(running?.hostPorts ?? [])]));
  }

  /** Stop signal to every container, those that others depend on last; SIGKILL after their stopTimeout. */
  async stop(): Promise<void> {
    await this.end();
    const stopping = new Map<string, Promise<void>>();
    const stopOnce = (state: ContainerState): Promise<void> => {
      const { name } = state.definition;
      const stopped = stopping.get(name) ?? stopAfterDependents(state);
      stopping.set(name, stopped);
      return stopped;
    };
    const stopAfterDependents = async ({ definition, running }: ContainerState): Promise<void> => {
      const dependents = this.states.filter((other) =>
        other.definition.dependsOn.some(({ containerName }) => containerName === definition.name),
      );
      await Promise.all(dependents.map(stopOnce));
      await running?.stop(definition.stopTimeout * 1000);
    };
    await Promise.all(this.states.map(stopOnce));
  }

  async kill(): Promise<void> {
    await this.end();
    await Promise.all(this.states.map(async ({ running }) => running?.kill()));
  }

  /** No container starts any more; resolves when those that were being started are there. */
  private async end(): Promise<void> {
    this.ended.abort();
    this.changed();
    await this.started;
  }

  private async startOne(state: ContainerState, prepared?: PreparedContainer): Promise<void> {
    for (const { containerName, condition } of state.definition.dependsOn) {
      await this.dependency(state, containerName, condition);
    }
    if (this.ended.signal.aborted || prepared === undefined) return;
    const running = await this.engine.run(prepared.spec).catch((error: unknown) => {
      state.lastStatus = 'STOPPED';
      this.changed();
      // What this machine refuses to run would have started on AWS.
      if (error instanceof RehearsalError) throw error;
      throw new TaskStartError(
        'CannotStartContainerError',
        messageOf(error),
        state.definition.name,
      );
    });
    state.running = running;
    state.lastStatus = 'RUNNING';
    void running.exited.then((exit) => {
      state.exit = exit;
      state.lastStatus = 'STOPPED';
      this.changed(state);
    });
    const watched = AbortSignal.any([this.ended.signal, exitSignal(running)]);
    if (state.definition.healthCheck !== undefined) {
      void watchContainerHealth(
        running,
        state.definition.healthCheck,
        this.clock,
        watched,
        (status) => {
          state.healthStatus = status;
          this.changed(state);
        },
      );
    }
    this.changed(state);
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
  private async dependency(state: ContainerState, name: string, condition: string): Promise<void> {
    const other = this.state(name);
    if (other === undefined) return;
    const target = `container ordering dependency [${name}] for target [${state.definition.name}]`;
    const fail = (category: TaskStartError['category'], why: string): never => {
      throw new TaskStartError(
        category,
        `dependency graph: failed to resolve ${target} as ${why}`,
        name,
      );
    };
    let timedOut = false;
    const { startTimeout } = other.definition;
    const settled = new AbortController();
    if (startTimeout !== undefined) {
      void this.clock.wait(startTimeout * 1000, settled.signal).then(() => {
        timedOut = !settled.signal.aborted;
        this.changed();
      });
    }
    try {
      while (!this.isEnded() && !isMet(other, condition)) {
        if (other.lastStatus === 'STOPPED')
          fail('ContainerRuntimeError', `dependency did not become ${condition}`);
        if (other.healthStatus === 'UNHEALTHY')
          fail('ContainerRuntimeError', 'dependency container became unhealthy');
        if (timedOut as boolean)
          fail(
            'ContainerRuntimeTimeoutError',
            `dependency did not become ${condition} in ${startTimeout ?? 0} s`,
          );
        await new Promise<void>((resolve) => this.waiting.add(resolve));
      }
    } finally {
      settled.abort();
    }
  }

  private changed(state?: ContainerState): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
    if (state !== undefined) this.onChange(state);
  }

  private isEnded(): boolean {
    return this.ended.signal.aborted;
  }

  private state(name: string): ContainerState | undefined {
    return this.states.find(({ definition }) => definition.name === name);
  }
}

function isMet({ lastStatus, exit, healthStatus }: ContainerState, condition: string): boolean {
  switch (condition) {
    case 'START':
      return lastStatus !== 'PENDING';
    case 'COMPLETE':
      return exit !== undefined;
    case 'SUCCESS':
      return exit?.exitCode === 0;
    default:
      return healthStatus === 'HEALTHY';
  }
}

function exitSignal(container: RunningContainer): AbortSignal {
  const controller = new AbortController();
  void container.exited.then(() => controller.abort());
  return controller.signal;
}
