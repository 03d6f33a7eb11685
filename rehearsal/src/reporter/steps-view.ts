import { Listr } from 'listr2';
import type { EventStream } from '../events';
import { describeEvent } from './describe-event';

/** One step of a rehearsal, as people watch it. */
export interface Step {
  readonly title: string;
  run(): Promise<void>;
}

/**
 * Carries the steps out one after the other: a list that moves on a terminal, plain lines
 * elsewhere. What happens meanwhile is shown under the step. A step that throws ends the list.
 */
export async function showSteps(
  steps: readonly Step[],
  events: EventStream,
  terminal: boolean,
): Promise<void> {
  const list = new Listr(
    steps.map((step) => ({
      title: step.title,
      task: async (_: unknown, task: { output: string }) => {
        const unsubscribe = events.subscribe((event) => {
          const line = describeEvent(event);
          if (line !== undefined) task.output = line;
        });
        try {
          await step.run();
        } finally {
          unsubscribe();
        }
      },
    })),
    {
      renderer: terminal ? 'default' : 'simple',
      // Ctrl-C belongs to the command line, which cleans up before it ends.
      registerSignalListeners: false,
      rendererOptions: { timer: undefined, outputBar: 3 } as never,
    },
  );
  await list.run();
}
