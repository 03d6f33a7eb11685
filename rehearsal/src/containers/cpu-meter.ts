import type { Clock } from '../clock';
import type { ContainerUsage } from './container-engine';

/** Turns CPU time that adds up from a start at zero into CPUs that were busy since the last look. */
export function cpuMeter(
  read: () => Promise<{ cpuSeconds: number; memoryBytes: number } | undefined>,
  clock: Pick<Clock, 'now'>,
): () => Promise<ContainerUsage | undefined> {
  let last = { at: clock.now(), cpuSeconds: 0 };
  return async () => {
    const usage = await read();
    const elapsed = clock.now() - last.at;
    if (usage === undefined || elapsed <= 0) return undefined;
    // A process that ended takes its time with it.
    const busy = Math.max(0, usage.cpuSeconds - last.cpuSeconds);
    last = { at: last.at + elapsed, cpuSeconds: usage.cpuSeconds };
    return { cpus: (busy * 1000) / elapsed, memoryBytes: usage.memoryBytes };
  };
}
