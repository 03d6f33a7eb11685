import type { BuildLog } from './build-log';
import type { BuildShell } from './build-shell';

export interface CommandFailure {
  readonly command: string;
  readonly exitStatus: number;
}

/**
 * Runs commands in order until one fails, and writes what CodeBuild's agent writes meanwhile.
 *
 * @returns the one that failed. Undefined also when the shell was ended from outside: whoever
 *   ended it knows why.
 */
export async function runCommands(
  commands: readonly string[],
  shell: BuildShell,
  log: BuildLog,
): Promise<CommandFailure | undefined> {
  for (const command of commands) {
    log.agent(`Running command ${command}`);
    const exitStatus = await shell.run(command);
    if (exitStatus === undefined) return undefined;
    if (exitStatus !== 0) {
      log.agent(`Command did not exit successfully ${command} exit status ${exitStatus}`);
      return { command, exitStatus };
    }
  }
  return undefined;
}
