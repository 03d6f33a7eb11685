import { Listr } from 'listr2';
import { RehearsalError } from '../errors';
import type { EventStream } from '../events';
import { describeEvent } from './describe-event';

/** One step of a rehearsal, as people watch it. */
export interface Step {
  readonly title: string;
  run(): Promise<void>;
}

export interface StepsView {
  /** Whether a person watches */
  readonly terminal: boolean;
  /** Ends the list at once, whatever the step that runs does */
  readonly signal: AbortSignal;
}

/**
 * Carries the steps out one after the other: a list that moves on a terminal, plain lines
 * elsewhere. What happens meanwhile is shown under the step. A step that throws ends the list.
 *
 * @throws what the step threw; RehearsalError `Stopped` when `signal` aborts
 */
export async function showSteps(
  steps: readonly Step[],
  events: EventStream,
  { terminal, signal }: StepsView,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (_: unknown, task: { output: string }) => {
        const unsubscribe = events.subscribe((event) => {
          const line = describeEvent(event);
          if (line !== undefined) task.output = line;
        });
        try {
          await untilStopped(step, signal);
        } catch (error) {
          failure = { error };
          // Whoever called shows the message, which may have many lines.
          throw new Error(signal.aborted ? 'stopped' : 'see below', { cause: error });
        } finally {
          unsubscribe();
        }
      },
    })),
    {
      renderer: terminal ? 'default' : 'simple',
      // Ctrl-C belongs to the command line, which cleans up before it ends.
      registerSignalListeners: false,
      rendererOptions: { timer: undefined, outputBar: 3, showErrorMessage: false } as never,
    },
  );
  try {
    await list.run();
  } catch (error) {
    throw failure === undefined ? error : failure.error;
  }
}

async function untilStopped(step: Step, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(new RehearsalError('Stopped', 'the rehearsal was stopped.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true, signal: over.signal });
  });
  try {
    await (signal.aborted ? stopped : Promise.race([step.run(), stopped]));
  } finally {
    over.abort();
  }
}
