import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessLedger } from './process-ledger';
import { type SpawnedProcess, spawnProcess } from './spawn-process';

const COMMAND_LINE = fileURLToPath(new URL('../cli.ts', import.meta.url));
const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url));

/** How to start this engine once more, as a program of its own. */
export interface EngineProgram {
  /** The `.rehearsal` directory that both use */
  readonly home: string;
  /** Options for what is rehearsed, without scenario and report */
  readonly args: readonly string[];
  /** The person's own */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Starts `npm run rehearse` without npm, so that the pid is the engine's own. */
export function startEngine(
  { home, args, environment }: EngineProgram,
  more: readonly string[],
  onOutput: (text: string) => void,
  ledger: ProcessLedger,
): Promise<SpawnedProcess> {
  const env = Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  return spawnProcess(process.execPath, ['--import', 'tsx', COMMAND_LINE, ...args, ...more], {
    cwd: WORKSPACE,
    env: { ...env, REHEARSAL_HOME: home, CI: 'true' },
    onStdout: onOutput,
    onStderr: onOutput,
    ledger,
  });
}

/** The directory of the run of an engine; undefined when there is none (any more). */
export function runDirectoryOf(home: string, pid: number): string | undefined {
  const id = readdirSync(join(home, 'runs')).find((name) => name.endsWith(`-${pid}`));
  return id === undefined ? undefined : join(home, 'runs', id);
}
