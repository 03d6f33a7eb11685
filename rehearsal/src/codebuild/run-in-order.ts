import { type BatchProgress, type BuildState, nextBuilds } from './batch-order';
import type { BatchBuild } from './batch-plan';
import type { BuildStatus } from './phase-order';

export interface OrderedRun extends Omit<BatchProgress<BatchBuild>, 'states'> {
  /** Runs a build until it ends; ends it early when the signal says so */
  run(build: BatchBuild, signal: AbortSignal): Promise<BuildStatus>;
  /** Asked once for each build that fast-fail stops */
  mayStop(build: BatchBuild): boolean;
  /** Stops the whole batch */
  readonly signal: AbortSignal;
}

/**
 * Carries out what `nextBuilds` decides until nothing is left to do.
 *
 * @returns what became of the builds that were started
 * @throws what `run` throws, when all other builds have been stopped
 */
export async function runInOrder(batch: OrderedRun): Promise<ReadonlyMap<string, BuildState>> {
  const states = new Map<string, BuildState>();
  const running = new Map<string, { stop: AbortController; ended: Promise<void> }>();
  const asked = new Set<string>();
  const begin = (build: BatchBuild) => {
    const stop = new AbortController();
    const run = async () => {
      const state = await batch.run(build, AbortSignal.any([batch.signal, stop.signal]));
      states.set(build.identifier, state);
      running.delete(build.identifier);
    };
    states.set(build.identifier, 'IN_PROGRESS');
    running.set(build.identifier, { stop, ended: run() });
  };
  try {
    for (;;) {
      const { start, stop } = nextBuilds({ ...batch, states });
      for (const build of stop.filter(({ identifier }) => !asked.has(identifier))) {
        asked.add(build.identifier);
        if (batch.mayStop(build)) running.get(build.identifier)?.stop.abort();
      }
      if (!batch.signal.aborted) start.forEach(begin);
      if (running.size === 0) return states;
      await Promise.race([...running.values()].map(({ ended }) => ended));
    }
  } catch (error) {
    for (const { stop } of running.values()) stop.abort();
    await Promise.allSettled([...running.values()].map(({ ended }) => ended));
    throw error;
  }
}
