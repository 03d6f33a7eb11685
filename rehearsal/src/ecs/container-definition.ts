import { z } from 'zod';
import { cfnBoolean, cfnNumber, cfnString } from '../cloudformation/read-properties';
import type { TmpfsMount } from '../containers/container-engine';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html; times in seconds */
export interface ContainerHealthCheck {
  /** `["CMD", …]` or `["CMD-SHELL", "…"]` */
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
}

export type DependencyCondition = 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY';

/** One container of a task definition. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  /** CPU units; 0 when the container just shares what the task has */
  readonly cpu: number;
  /** MiB; undefined when only the task's limit counts */
  readonly memory: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly containerPorts: readonly number[];
  readonly command: readonly string[] | undefined;
  readonly entryPoint: readonly string[] | undefined;
  readonly workingDirectory: string | undefined;
  readonly user: string | undefined;
  readonly readonlyRootFilesystem: boolean;
  readonly dropCapabilities: readonly string[];
  readonly initProcessEnabled: boolean;
  /** How many files it may open; undefined: as many as Docker, or this machine, lets it */
  readonly openFiles: { readonly soft: number; readonly hard: number } | undefined;
  /** Limits that the template sets and that Fargate leaves as the operating system has them */
  readonly otherUlimits: readonly string[];
  readonly tmpfs: readonly TmpfsMount[];
  readonly dependsOn: readonly {
    readonly containerName: string;
    readonly condition: DependencyCondition;
  }[];
  readonly healthCheck: ContainerHealthCheck | undefined;
  /** Seconds between the stop signal and SIGKILL */
  readonly stopTimeout: number;
  /** Seconds that a container which others depend on has for becoming what they wait for */
  readonly startTimeout: number | undefined;
  readonly logConfiguration:
    { readonly logDriver: string; readonly options: Readonly<Record<string, string>> } | undefined;
  /** false: every task asks anew which image the tag names */
  readonly versionConsistency: boolean;
}

/** What a container definition says that the engine plays, below `ContainerDefinitions`. */
export const playedContainerProperties = [
  'Name',
  'Image',
  'Essential',
  'Cpu',
  'Memory',
  'MemoryReservation',
  'Environment',
  'Secrets',
  'PortMappings.ContainerPort',
  'PortMappings.HostPort',
  'PortMappings.Protocol',
  'PortMappings.Name',
  'PortMappings.AppProtocol',
  'Command',
  'EntryPoint',
  'WorkingDirectory',
  'User',
  'ReadonlyRootFilesystem',
  'LinuxParameters.Capabilities.Drop',
  'LinuxParameters.InitProcessEnabled',
  'LinuxParameters.Tmpfs',
  'Ulimits',
  'DependsOn',
  'HealthCheck',
  'StopTimeout',
  'StartTimeout',
  'LogConfiguration.LogDriver',
  'LogConfiguration.Options',
  'VersionConsistency',
] as const;

const within = (lowest: number, highest: number) =>
  cfnNumber.pipe(z.int().min(lowest).max(highest));

/** Fargate takes 2 to 120 s for both timeouts (API_ContainerDefinition). */
const fargateTimeout = within(2, 120);

const healthCheck = z
  .object({
    Command: z.array(cfnString).min(1),
    Interval: within(5, 300).default(30),
    Timeout: within(2, 60).default(5),
    Retries: within(1, 10).default(3),
    StartPeriod: within(0, 300).default(0),
  })
  .transform((check): ContainerHealthCheck => ({
    command: check.Command,
    interval: check.Interval,
    timeout: check.Timeout,
    retries: check.Retries,
    startPeriod: check.StartPeriod,
  }));

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html */
const tmpfs = z
  .object({
    ContainerPath: cfnString.refine((path) => path.startsWith('/'), 'expected an absolute path'),
    Size: cfnNumber.pipe(z.int().min(1)),
    MountOptions: z.array(cfnString).default([]),
  })
  .transform(({ ContainerPath, Size, MountOptions }): TmpfsMount => ({
    containerPath: ContainerPath,
    sizeMiB: Size,
    mountOptions: MountOptions,
  }));

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html */
const ulimit = z.object({ Name: cfnString, SoftLimit: cfnNumber, HardLimit: cfnNumber });

/** Reads one entry of `ContainerDefinitions` with the defaults of the API. */
export const containerDefinitionSchema = z
  .object({
    Name: cfnString,
    Image: cfnString,
    Essential: cfnBoolean.default(true),
    Cpu: cfnNumber.default(0),
    Memory: cfnNumber.optional(),
    MemoryReservation: cfnNumber.optional(),
    Environment: z.array(z.object({ Name: cfnString, Value: cfnString })).default([]),
    Secrets: z.array(z.object({ Name: cfnString, ValueFrom: cfnString })).default([]),
    PortMappings: z.array(z.object({ ContainerPort: cfnNumber })).default([]),
    Command: z.array(cfnString).optional(),
    EntryPoint: z.array(cfnString).optional(),
    WorkingDirectory: cfnString.optional(),
    User: cfnString.optional(),
    ReadonlyRootFilesystem: cfnBoolean.default(false),
    LinuxParameters: z
      .object({
        Capabilities: z.object({ Drop: z.array(cfnString).default([]) }).optional(),
        InitProcessEnabled: cfnBoolean.default(false),
        Tmpfs: z.array(tmpfs).default([]),
      })
      .optional(),
    Ulimits: z.array(ulimit).default([]),
    DependsOn: z
      .array(
        z.object({
          ContainerName: cfnString,
          Condition: z.enum(['START', 'COMPLETE', 'SUCCESS', 'HEALTHY']),
        }),
      )
      .default([]),
    HealthCheck: healthCheck.optional(),
    StopTimeout: fargateTimeout.default(30),
    StartTimeout: fargateTimeout.optional(),
    LogConfiguration: z
      .object({ LogDriver: cfnString, Options: z.record(z.string(), cfnString).default({}) })
      .optional(),
    VersionConsistency: z.enum(['enabled', 'disabled']).default('enabled'),
  })
  .transform((container): ContainerDefinition => ({
    name: container.Name,
    image: container.Image,
    essential: container.Essential,
    cpu: container.Cpu,
    memory: container.Memory,
    environment: Object.fromEntries(container.Environment.map(({ Name, Value }) => [Name, Value])),
    secrets: container.Secrets.map(({ Name, ValueFrom }) => ({ name: Name, valueFrom: ValueFrom })),
    containerPorts: container.PortMappings.map(({ ContainerPort }) => ContainerPort),
    command: container.Command,
    entryPoint: container.EntryPoint,
    workingDirectory: container.WorkingDirectory,
    user: container.User,
    readonlyRootFilesystem: container.ReadonlyRootFilesystem,
    dropCapabilities: container.LinuxParameters?.Capabilities?.Drop ?? [],
    initProcessEnabled: container.LinuxParameters?.InitProcessEnabled ?? false,
    openFiles: container.Ulimits.filter(({ Name }) => Name === 'nofile').map(
      ({ SoftLimit, HardLimit }) => ({ soft: SoftLimit, hard: HardLimit }),
    )[0],
    otherUlimits: container.Ulimits.map(({ Name }) => Name).filter((name) => name !== 'nofile'),
    tmpfs: container.LinuxParameters?.Tmpfs ?? [],
    dependsOn: container.DependsOn.map(({ ContainerName, Condition }) => ({
      containerName: ContainerName,
      condition: Condition,
    })),
    // `["NONE"]` switches the check off (API_HealthCheck).
    healthCheck: container.HealthCheck?.command[0] === 'NONE' ? undefined : container.HealthCheck,
    stopTimeout: container.StopTimeout,
    startTimeout: container.StartTimeout,
    logConfiguration: container.LogConfiguration && {
      logDriver: container.LogConfiguration.LogDriver,
      options: container.LogConfiguration.Options,
    },
    versionConsistency: container.VersionConsistency === 'enabled',
  }));
