import type { Standin } from '../standins/standin';
import type { OutsideImage, TaskImage } from './task-image';

/** A file system in the memory of a container. */
export interface TmpfsMount {
  readonly containerPath: string;
  readonly sizeMiB: number;
  /** As `mount` knows them, e.g. `noexec` */
  readonly mountOptions: readonly string[];
}

/** One container of a task, as the task definition states it. */
export interface ContainerSpec {
  /** Unique on this machine; used to name the container */
  readonly name: string;
  readonly image: TaskImage;
  readonly environment: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly entryPoint?: readonly string[];
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly readonlyRootFilesystem: boolean;
  readonly dropCapabilities: readonly string[];
  readonly initProcessEnabled: boolean;
  /** How many files it may open. @default what the engine lets it */
  readonly openFiles?: { readonly soft: number; readonly hard: number };
  /** @default none */
  readonly tmpfs?: readonly TmpfsMount[];
  /** 1024 units are one CPU */
  readonly cpuUnits: number;
  readonly memoryMiB: number;
  /**
   * Ports the container listens on, each published on 127.0.0.1 at a free port, for connections and
   * for datagrams: the network interface of a task takes both, whatever a port mapping names.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
   */
  readonly containerPorts: readonly number[];
  onOutput(line: string, stream: 'stdout' | 'stderr'): void;
}

export interface ContainerExit {
  /** 137 after SIGKILL, 143 when SIGTERM ended it, as Docker counts */
  readonly exitCode: number;
  /** e.g. `OutOfMemoryError: Container killed due to memory usage` */
  readonly reason?: string;
}

/** What a container uses of this machine. */
export interface ContainerUsage {
  /** CPUs that it kept busy, on average over the time that was measured */
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface RunningContainer {
  readonly id: string;
  /** Where each container port takes connections: container port → port on 127.0.0.1 */
  readonly hostPorts: ReadonlyMap<number, number>;
  /** Where it takes datagrams */
  readonly udpHostPorts: ReadonlyMap<number, number>;
  /** Never rejects */
  readonly exited: Promise<ContainerExit>;
  /** Stop signal (the image's STOPSIGNAL, else SIGTERM), then SIGKILL after `timeoutMs` of real time */
  stop(timeoutMs: number): Promise<ContainerExit>;
  kill(): Promise<ContainerExit>;
  /** Runs a health check command inside; resolves to its exit code */
  exec(command: readonly string[], timeoutMs: number): Promise<number>;
  /** Undefined when it has ended, or cannot be measured (yet) */
  usage(): Promise<ContainerUsage | undefined>;
}

/** Where images are built and containers run. */
export interface ContainerEngine {
  readonly name: 'docker' | 'process';
  /** For the report, e.g. `Docker 28.2.2, linux/amd64` */
  readonly description: string;
  /** What a run with this engine leaves unproven, one sentence each */
  readonly unproven: readonly string[];
  /** Plays the `docker` program for scripts */
  readonly docker: Standin;
  /**
   * Makes the image ready to run.
   * @throws Error whose message is the text ECS would show after `CannotPullContainerError: `
   */
  pull(image: TaskImage): Promise<void>;
  /**
   * Finds an image of another registry on this machine, or fetches it; there is no such method where
   * nothing is fetched from outside.
   * @param reference e.g. `public.ecr.aws/nginx/nginx:1.27`
   * @throws Error as `pull` does
   */
  readonly findOutside?: (reference: string) => Promise<OutsideImage>;
  run(spec: ContainerSpec): Promise<RunningContainer>;
  /** Ends and removes whatever this run started or built; may be called twice */
  close(): Promise<void>;
}
