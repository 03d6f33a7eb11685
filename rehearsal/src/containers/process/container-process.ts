import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../clock';
import { RehearsalError } from '../../errors';
import { groupUsage } from '../../process/group-usage';
import type { ProcessLedger } from '../../process/process-ledger';
import { type ProcessExit, spawnProcess } from '../../process/spawn-process';
import { stopProcess } from '../../process/stop-process';
import type { ContainerExit, ContainerSpec, RunningContainer } from '../container-engine';
import { cpuMeter } from '../cpu-meter';
import { OutputLines } from '../output-lines';
import { type ContainerCommand, containerCommand } from './container-command';
import type { FreePorts } from './free-port';
import type { LocalImage } from './local-images';

const NETWORK = fileURLToPath(new URL('container-network.cjs', import.meta.url));

/** Exit code of a health check that did not answer in time, as timeout(1) has it. */
export const EXEC_TIMED_OUT = 124;
/** Exit code of a command that does not exist, as shells and Docker have it. */
const NOT_FOUND = 127;

export interface ContainerProcessOptions {
  readonly spec: ContainerSpec;
  readonly image: LocalImage;
  /** The container's own root file system, or the image's when it is only read */
  readonly root: string;
  /** This machine's part of the environment */
  readonly host: Readonly<Record<string, string>>;
  readonly ports: FreePorts;
  readonly clock: Clock;
  readonly ledger: ProcessLedger;
}

/**
 * Runs a container as a process group of this machine.
 *
 * @throws RehearsalError see `containerCommand`
 */
export async function startContainerProcess(
  options: ContainerProcessOptions,
): Promise<RunningContainer> {
  const { spec, image, ports, clock, ledger } = options;
  const plain = containerCommand(spec, image.config, options.root, options.host);
  const hostPorts = new Map<number, number>();
  for (const port of spec.containerPorts) hostPorts.set(port, await ports.take());
  const command = onContainerNetwork(plain, hostPorts);
  const stdout = new OutputLines((line) => spec.onOutput(line, 'stdout'));
  const stderr = new OutputLines((line) => spec.onOutput(line, 'stderr'));
  const child = await spawnProcess(command.file, command.args, {
    cwd: command.cwd,
    env: spec.initProcessEnabled ? command.env : { ...command.env, REHEARSAL_PID_1: 'true' },
    onStdout: (text) => stdout.push(text),
    onStderr: (text) => stderr.push(text),
    ledger,
    asInit: true,
  });
  const exited = child.exited.then((exit) => {
    stdout.end();
    stderr.end();
    for (const port of hostPorts.values()) ports.release(port);
    return containerExit(exit);
  });
  return {
    id: String(child.pid),
    hostPorts,
    udpHostPorts: hostPorts,
    exited,
    stop: async (timeoutMs) => {
      await stopProcess(child, clock, timeoutMs, signalName(image.config.stopSignal));
      return exited;
    },
    kill: () => {
      child.kill('SIGKILL');
      return exited;
    },
    exec: (argv, timeoutMs) =>
      execute({ ...command, args: argv.map(ownPorts(hostPorts)) }, clock, ledger, timeoutMs),
    usage: cpuMeter(() => groupUsage(child.pid), clock),
  };
}

/** The command with the module that plays ports and pid 1 loaded into each Node.js process. */
function onContainerNetwork(
  command: ContainerCommand,
  hostPorts: ReadonlyMap<number, number>,
): ContainerCommand {
  const nodeOptions = [command.env['NODE_OPTIONS'], `--require ${JSON.stringify(NETWORK)}`];
  return {
    ...command,
    env: {
      ...command.env,
      NODE_OPTIONS: nodeOptions.filter(Boolean).join(' '),
      REHEARSAL_PORTS: JSON.stringify([...hostPorts]),
    },
  };
}

/** `curl http://localhost:3000/` of a health check, with the port that stands for 3000. */
function ownPorts(hostPorts: ReadonlyMap<number, number>): (text: string) => string {
  return (text) =>
    text.replace(/\b(localhost|127\.0\.0\.1):(\d+)/g, (whole, _host, port) => {
      const hostPort = hostPorts.get(Number(port));
      return hostPort === undefined ? whole : `127.0.0.1:${hostPort}`;
    });
}

async function execute(
  { cwd, env, args: [program = '', ...args] }: ContainerCommand,
  clock: Clock,
  ledger: ProcessLedger,
  timeoutMs: number,
): Promise<number> {
  try {
    const child = await spawnProcess(program, args, { cwd, env, ledger, asInit: true });
    const ended = new AbortController();
    const timeout = clock.delay(timeoutMs, ended.signal).then(() => 'timeout' as const);
    const first = await Promise.race([child.exited, timeout]);
    ended.abort();
    if (first !== 'timeout') return containerExit(first).exitCode;
    child.kill('SIGKILL');
    await child.exited;
    return EXEC_TIMED_OUT;
  } catch (error) {
    if (error instanceof RehearsalError && error.code === 'ProgramNotStarted') return NOT_FOUND;
    throw error;
  }
}

/** A signal counts as 128 plus its number, as in Docker. */
function containerExit({ exitCode, signal }: ProcessExit): ContainerExit {
  if (exitCode !== undefined) return { exitCode };
  return { exitCode: 128 + (signal === undefined ? 0 : constants.signals[signal]) };
}

/** STOPSIGNAL is a name with or without SIG, or a number. */
function signalName(stopSignal: string | undefined): NodeJS.Signals {
  if (stopSignal === undefined) return 'SIGTERM';
  const names = Object.keys(constants.signals) as NodeJS.Signals[];
  const wanted = stopSignal.toUpperCase();
  return (
    names.find(
      (name) =>
        name === wanted || name === `SIG${wanted}` || String(constants.signals[name]) === wanted,
    ) ?? 'SIGTERM'
  );
}
