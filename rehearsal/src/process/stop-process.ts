import type { Clock } from '../clock';
import type { ProcessExit, SpawnedProcess } from './spawn-process';

/** Asks a process to stop, and ends it when it has not stopped after `timeoutMs`. */
export async function stopProcess(
  child: SpawnedProcess,
  clock: Clock,
  timeoutMs: number,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<ProcessExit> {
  const stopped = new AbortController();
  child.kill(signal);
  const exit = child.exited.finally(() => stopped.abort());
  await Promise.race([exit, clock.delay(timeoutMs, stopped.signal)]);
  child.kill('SIGKILL');
  return exit;
}
