import type { Clock } from '../clock';
import type { ActionDefinition, PipelineDefinition } from './pipeline-definition';

/** CodePipeline looks about once a minute. */
const INTERVAL_MS = 60_000;

/** Source actions that can be asked again and again whether there is something new. */
const POLLING_TYPES = [
  'Source/ThirdParty/GitHub/1',
  'Source/AWS/CodeCommit/1',
  'Source/AWS/S3/1',
] as const;

/**
 * The sources that nothing reports changes of: `PollForSourceChanges` is true by default.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-GitHub.html
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
 */
export function polledSources({
  stages,
}: Pick<PipelineDefinition, 'stages'>): readonly ActionDefinition[] {
  return (stages[0]?.actions ?? []).filter(
    ({ type, configuration }) =>
      POLLING_TYPES.some((polling) => polling === type) &&
      (configuration['PollForSourceChanges'] ?? 'true').toLowerCase() === 'true',
  );
}

/**
 * Looks for new revisions of a source until it is closed. The revision that is there at the
 * beginning counts as known: AWS releases that one when it creates the pipeline.
 */
export class SourcePolling {
  private readonly closing = new AbortController();
  private looks = 0;
  private readonly watchers: { after: number; resolve: () => void }[] = [];
  private readonly polling: Promise<void>;

  /**
   * @param newestRevision of the source: a commit, or the version of an object; undefined when
   *   there is none
   * @param onChange called with each new one
   */
  constructor(
    private readonly clock: Clock,
    private readonly newestRevision: () => Promise<string | undefined>,
    private readonly onChange: (revision: string) => void,
  ) {
    this.polling = this.poll();
  }

  /** Resolves after the next look that begins from now on. */
  nextLook(): Promise<void> {
    return new Promise((resolve) => this.watchers.push({ after: this.looks, resolve }));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.polling;
  }

  private async poll(): Promise<void> {
    const { signal } = this.closing;
    let known = await this.newestRevision();
    const isOver = () => signal.aborted;
    for (;;) {
      await this.clock.wait(INTERVAL_MS, signal);
      if (isOver()) break;
      this.looks += 1;
      const newest = await this.newestRevision();
      if (newest !== undefined && newest !== known) this.onChange(newest);
      known = newest ?? known;
      this.release((after) => after < this.looks);
    }
    this.release(() => true);
  }

  private release(isDue: (after: number) => boolean): void {
    for (const watcher of this.watchers.filter(({ after }) => isDue(after))) {
      this.watchers.splice(this.watchers.indexOf(watcher), 1);
      watcher.resolve();
    }
  }
}
