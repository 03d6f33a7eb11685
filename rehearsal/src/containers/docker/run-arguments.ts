import type { ContainerSpec } from '../container-engine';
import { RUN_LABEL } from './docker-client';

/**
 * The arguments of `docker run` for a container of a task, by the same rules as ECS.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 *
 * @param image name that the engine of this machine knows
 * @param cpus most CPUs that Docker lets a container have
 */
export function runArguments(
  spec: ContainerSpec,
  image: string,
  runId: string,
  cpus: number,
): string[] {
  const [entryPoint, ...entryPointArguments] = spec.entryPoint ?? [];
  const wanted = spec.cpuUnits / 1024;
  const flag = (name: string, values: readonly string[]) =>
    values.flatMap((value) => [name, value]);
  return [
    'run',
    '--detach',
    ...flag('--name', [spec.name]),
    ...flag('--label', [`${RUN_LABEL}=${runId}`]),
    ...flag('--log-driver', ['json-file']),
    ...(spec.cpuUnits > 0 ? flag('--cpus', [String(Math.min(wanted, cpus))]) : []),
    // Fargate has no swap: memory and memory with swap are the same number.
    ...flag('--memory', [`${spec.memoryMiB}m`]),
    ...flag('--memory-swap', [`${spec.memoryMiB}m`]),
    ...(spec.readonlyRootFilesystem ? ['--read-only'] : []),
    ...flag('--cap-drop', spec.dropCapabilities),
    ...flag('--security-opt', ['no-new-privileges']),
    ...(spec.initProcessEnabled ? ['--init'] : []),
    ...(spec.openFiles === undefined
      ? []
      : flag('--ulimit', [`nofile=${spec.openFiles.soft}:${spec.openFiles.hard}`])),
    ...flag(
      '--tmpfs',
      (spec.tmpfs ?? []).map(
        ({ containerPath, sizeMiB, mountOptions }) =>
          `${containerPath}:${[`size=${sizeMiB}m`, ...mountOptions].join(',')}`,
      ),
    ),
    ...(spec.user === undefined ? [] : flag('--user', [spec.user])),
    ...(spec.workingDirectory === undefined ? [] : flag('--workdir', [spec.workingDirectory])),
    ...flag(
      '--env',
      Object.entries({ AWS_EC2_METADATA_DISABLED: 'true', ...spec.environment }).map(
        ([name, value]) => `${name}=${value}`,
      ),
    ),
    ...flag(
      '--publish',
      spec.containerPorts.flatMap((port) => [`127.0.0.1::${port}/tcp`, `127.0.0.1::${port}/udp`]),
    ),
    ...(entryPoint === undefined ? [] : flag('--entrypoint', [entryPoint])),
    image,
    ...entryPointArguments,
    ...(spec.command ?? []),
  ];
}
