import type { Clock } from '../clock';
import type { GitHub } from '../github/github';
import { connectionTriggeredBy } from './connection-trigger';
import type { Pipeline } from './pipeline';
import { polledBranches, SourcePolling } from './source-polling';

/** Starts pipelines for changes that no webhook reports: through connections, or by polling. */
export class ChangeDetection {
  private readonly pollings: readonly SourcePolling[];

  /** @param onStarted called with each execution that starts */
  constructor(
    pipelines: readonly Pipeline[],
    github: Pick<GitHub, 'onPush' | 'newestCommit'>,
    clock: Clock,
    onStarted: (finished: Promise<void>) => void,
  ) {
    github.onPush((push) => {
      for (const pipeline of pipelines) {
        const request = connectionTriggeredBy(pipeline.definition, push);
        if (request !== undefined) onStarted(pipeline.start(request).finished);
      }
    });
    this.pollings = pipelines.flatMap((pipeline) =>
      polledBranches(pipeline.definition).map(
        (branch) =>
          new SourcePolling(
            clock,
            () => github.newestCommit(branch),
            () => {
              const triggerDetail = `${branch.owner}/${branch.repository} ${branch.branch}`;
              const request = { triggerType: 'PollForSourceChanges', triggerDetail } as const;
              onStarted(pipeline.start(request).finished);
            },
          ),
      ),
    );
  }

  /** Resolves when every source that polls has looked once more; at once when none does. */
  async settled(): Promise<void> {
    await Promise.all(this.pollings.map((polling) => polling.nextLook()));
  }

  async close(): Promise<void> {
    await Promise.all(this.pollings.map((polling) => polling.close()));
  }
}
