import type { Writable } from 'node:stream';
import { execa } from 'execa';
import { messageOf, RehearsalError } from '../errors';
import { type ProcessLedger, signalGroup, signalProcess } from './process-ledger';

/** How a child process ended. `signal` is set when a signal ended it. */
export interface ProcessExit {
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

export interface SpawnOptions {
  readonly cwd: string;
  /** The whole environment; see `childEnvironment`. Nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Keeps standard input open for `SpawnedProcess.write`; takes the place of `stdin` */
  readonly keepStdinOpen?: boolean;
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
  readonly ledger?: ProcessLedger;
  /**
   * As pid 1 of a container: a signal reaches this process alone (SIGKILL: the whole group), and
   * when it ends everything that it started ends. @default false
   */
  readonly asInit?: boolean;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** Never rejects. Resolves when the process has ended and its output was read. */
  readonly exited: Promise<ProcessExit>;
  /** Signals the whole process group, see also `asInit`; silent when it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** Writes to standard input when `keepStdinOpen` was asked for; silent when the process has ended */
  write(text: string): void;
}

/**
 * Starts a program in a process group of its own: Ctrl-C at the terminal reaches the engine alone,
 * and a signal sent by the engine reaches the program with all its children.
 *
 * @throws RehearsalError `ProgramNotStarted` when there is no such program
 */
export async function spawnProcess(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<SpawnedProcess> {
  const child = execa(file, args, {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    detached: true,
    reject: false,
    buffer: false,
    cleanup: false,
    stripFinalNewline: false,
    ...(options.keepStdinOpen
      ? { stdin: 'pipe' as const }
      : options.stdin === undefined
        ? { stdin: 'ignore' as const }
        : { input: options.stdin }),
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => options.onStdout?.(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => options.onStderr?.(text));
  // A process that ended takes no more input (EPIPE); its exit tells what there is to tell.
  const stdin = child.stdin as Writable | null;
  stdin?.on('error', () => undefined);
  const { pid } = child;
  if (pid === undefined) {
    const { cause } = await child;
    throw new RehearsalError(
      'ProgramNotStarted',
      `cannot start '${file}' in '${options.cwd}': ${messageOf(cause)}; is it installed and on PATH?`,
      { cause },
    );
  }
  options.ledger?.add(pid);
  if (options.asInit) child.once('exit', () => signalGroup(pid, 'SIGKILL'));
  const exited = child.then((result): ProcessExit => {
    options.ledger?.remove(pid);
    return { exitCode: result.exitCode, signal: result.signal };
  });
  return {
    pid,
    exited,
    kill: (signal) => {
      if (options.asInit && signal !== 'SIGKILL') signalProcess(pid, signal);
      else signalGroup(pid, signal);
    },
    write: (text) => {
      if (stdin?.writable) stdin.write(text);
    },
  };
}
