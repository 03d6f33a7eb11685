import type {
  ContainerEngine,
  ContainerExit,
  ContainerSpec,
  ContainerUsage,
  RunningContainer,
} from '../../../src/containers/container-engine';

export interface FakeContainer extends RunningContainer {
  readonly spec: ContainerSpec;
  /** `stop`, `kill`, in the order they came */
  readonly signals: string[];
  /** What a health check command exits with */
  healthExitCode: number;
  /** What it uses; undefined when it cannot be measured */
  used: ContainerUsage | undefined;
  exit(exit: ContainerExit): void;
}

/** Containers that run in memory: they start at once and exit when told. */
export class FakeContainers implements ContainerEngine {
  readonly name = 'process';
  readonly description = 'in memory';
  readonly unproven = [];
  readonly started: FakeContainer[] = [];
  readonly pulled: string[] = [];
  /** Called for each container that started, e.g. to make it crash */
  onStart: (container: FakeContainer) => void = () => undefined;
  /** Set it to run images of other registries */
  findOutside?: NonNullable<ContainerEngine['findOutside']>;
  pullError: string | undefined;
  runError: string | Error | undefined;
  private nextPort = 40_000;

  docker(): never {
    throw new Error('no script runs here');
  }

  pull({ digest }: { digest: string }): Promise<void> {
    if (this.pullError !== undefined) return Promise.reject(new Error(this.pullError));
    this.pulled.push(digest);
    return Promise.resolve();
  }

  run(spec: ContainerSpec): Promise<FakeContainer> {
    if (this.runError instanceof Error) return Promise.reject(this.runError);
    if (this.runError !== undefined) return Promise.reject(new Error(this.runError));
    let exit: (exit: ContainerExit) => void = () => undefined;
    const exited = new Promise<ContainerExit>((resolve) => (exit = resolve));
    const signals: string[] = [];
    const hostPorts = new Map(spec.containerPorts.map((port) => [port, this.nextPort++]));
    const container: FakeContainer = {
      id: `container-${this.started.length + 1}`,
      spec,
      signals,
      hostPorts,
      udpHostPorts: hostPorts,
      healthExitCode: 0,
      used: undefined,
      exited,
      exit,
      stop: () => {
        signals.push('stop');
        exit({ exitCode: 0 });
        return exited;
      },
      kill: () => {
        signals.push('kill');
        exit({ exitCode: 137 });
        return exited;
      },
      exec: () => Promise.resolve(container.healthExitCode),
      usage: () => Promise.resolve(container.used),
    };
    this.started.push(container);
    this.onStart(container);
    return Promise.resolve(container);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  get running(): FakeContainer[] {
    return this.started.filter(({ signals }) => signals.length === 0);
  }
}
