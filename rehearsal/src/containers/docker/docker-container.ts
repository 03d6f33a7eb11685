import { z } from 'zod';
import type { ProcessExit } from '../../process/spawn-process';
import { spawnProcess } from '../../process/spawn-process';
import type { Clock } from '../../clock';
import type { ContainerExit, ContainerSpec, RunningContainer } from '../container-engine';
import { cpuMeter } from '../cpu-meter';
import { OutputLines } from '../output-lines';
import { readContainerStats } from './container-stats';
import type { DockerClient } from './docker-client';
import { runArguments } from './run-arguments';

/** Exit code of a health check that did not answer in time, as timeout(1) has it. */
const EXEC_TIMED_OUT = 124;
const KILLED = 137;

const inspectSchema = z.object({
  State: z.object({ ExitCode: z.number(), OOMKilled: z.boolean() }),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(z.object({ HostPort: z.string() })).nullable()).nullish(),
  }),
});

/**
 * Starts a container and follows it to its end; then it is removed.
 *
 * @throws Error with Docker's text when it cannot be created or started
 */
export async function startDockerContainer(
  client: DockerClient,
  spec: ContainerSpec,
  image: string,
  runId: string,
  clock: Pick<Clock, 'now'>,
): Promise<RunningContainer> {
  const started = await client.run(runArguments(spec, image, runId, client.docker.cpus));
  const id = started.stdout.trim();
  if (started.exitCode !== 0) {
    // `docker run` leaves a container behind that was created and could not be started.
    await client.run(['rm', '--force', spec.name]);
    throw new Error(started.stderr.trim());
  }
  const { NetworkSettings } = await inspect(client, id);
  const hostPorts = (protocol: 'tcp' | 'udp') =>
    new Map(
      spec.containerPorts.flatMap((port): [number, number][] => {
        const hostPort = NetworkSettings.Ports?.[`${port}/${protocol}`]?.[0]?.HostPort;
        return hostPort === undefined ? [] : [[port, Number(hostPort)]];
      }),
    );
  const exited = follow(client, spec, id);
  return {
    id,
    hostPorts: hostPorts('tcp'),
    udpHostPorts: hostPorts('udp'),
    exited,
    stop: async (timeoutMs) => {
      // Docker counts whole seconds, and kills at once when told 0.
      await client.run(['stop', '--time', String(Math.max(1, Math.ceil(timeoutMs / 1000))), id]);
      return exited;
    },
    kill: async () => {
      await client.run(['kill', id]);
      return exited;
    },
    exec: async (command, timeoutMs) => {
      const result = await client.run(['exec', id, ...command], timeoutMs);
      return result.exitCode ?? EXEC_TIMED_OUT;
    },
    usage: cpuMeter(() => readContainerStats(client.docker.connection, id), clock),
  };
}

/** Hands over the log line by line; when it ends the container has ended. Never rejects. */
async function follow(
  client: DockerClient,
  spec: ContainerSpec,
  id: string,
): Promise<ContainerExit> {
  try {
    await readLog(client, spec, id);
    const code = Number(await client.require(['wait', id]));
    const { State } = await inspect(client, id);
    await client.run(['rm', '--force', id]);
    return {
      exitCode: code,
      ...(State.OOMKilled && {
        reason: 'OutOfMemoryError: Container killed due to memory usage',
      }),
    };
  } catch {
    // Removed from outside, e.g. by a person or by close(): what is known is that it is gone.
    return { exitCode: KILLED };
  }
}

async function readLog(
  client: DockerClient,
  spec: ContainerSpec,
  id: string,
): Promise<ProcessExit> {
  const stdout = new OutputLines((line) => spec.onOutput(line, 'stdout'));
  const stderr = new OutputLines((line) => spec.onOutput(line, 'stderr'));
  const log = await spawnProcess(client.docker.path, ['logs', '--follow', id], {
    cwd: client.configDirectory,
    env: client.environment,
    onStdout: (text) => stdout.push(text),
    onStderr: (text) => stderr.push(text),
  });
  const exit = await log.exited;
  stdout.end();
  stderr.end();
  return exit;
}

async function inspect(client: DockerClient, id: string): Promise<z.output<typeof inspectSchema>> {
  const text = await client.require([
    'inspect',
    '--type',
    'container',
    '--format',
    '{{json .}}',
    id,
  ]);
  return inspectSchema.parse(JSON.parse(text));
}
