import { type Clock, isoTime } from '../clock';
import { RehearsalError } from '../errors';
import type { EventStream } from '../events';
import type { ProcessLedger } from '../process/process-ledger';
import { spawnProcess } from '../process/spawn-process';

export interface ScriptRun {
  /** File name, also the name of its log */
  readonly name: string;
  readonly cwd: string;
  /** The whole environment; see `childEnvironment` */
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly events: EventStream;
  readonly ledger: ProcessLedger;
  /** Ends the script, with everything that it started */
  readonly signal: AbortSignal;
}

/** Lines of output that an error shows. */
const LINES_SHOWN = 20;

/**
 * Runs a shell script of the project to its end.
 *
 * @throws RehearsalError `ScriptFailed` with the end of its output
 */
export async function runScript(script: ScriptRun): Promise<void> {
  const { name, cwd, env, clock, events, ledger, signal: stop } = script;
  const lines: string[] = [];
  const keep = (text: string) => {
    for (const message of text.split('\n').filter(Boolean)) {
      lines.push(message);
      events.emit({
        kind: 'log',
        time: isoTime(clock.now()),
        group: name,
        stream: 'output',
        message,
      });
    }
  };
  const child = await spawnProcess('sh', [name], {
    cwd,
    env,
    ledger,
    onStdout: keep,
    onStderr: keep,
  });
  const kill = () => child.kill('SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  if (stop.aborted) kill();
  const { exitCode, signal } = await child.exited;
  stop.removeEventListener('abort', kill);
  if (exitCode === 0) return;
  throw new RehearsalError(
    'ScriptFailed',
    `'sh ${name}' ended with ${signal ?? `exit code ${String(exitCode)}`}:\n${lines.slice(-LINES_SHOWN).join('\n')}`,
    { exitCode: 1 },
  );
}
