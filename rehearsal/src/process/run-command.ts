import { execa } from 'execa';
import { messageOf, RehearsalError } from '../errors';

export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment; the engine's own when left out */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/**
 * Runs a short program of the engine's own choosing to its end, without a shell.
 * A non-zero exit is a result, not an error.
 *
 * @throws RehearsalError `ProgramNotStarted` when there is no such program
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await execa(file, args, {
    reject: false,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env !== undefined && { env: options.env, extendEnv: false }),
    ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  if (result.exitCode === undefined && !result.isTerminated) {
    throw new RehearsalError(
      'ProgramNotStarted',
      `cannot start '${file}': ${messageOf(result.cause)}; is it installed and on PATH?`,
      { cause: result.cause },
    );
  }
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}
