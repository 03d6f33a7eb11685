import type { Clock } from '../clock';
import type { PipelineDefinition } from './pipeline-definition';

/** CodePipeline looks about once a minute. */
const INTERVAL_MS = 60_000;

/** A branch that a source action watches by asking again and again. */
export interface PolledBranch {
  readonly actionName: string;
  readonly owner: string;
  readonly repository: string;
  readonly branch: string;
}

/**
 * The GitHub sources that no webhook is meant for: `PollForSourceChanges` is true by default.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-GitHub.html
 */
export function polledBranches({ stages }: Pick<PipelineDefinition, 'stages'>): PolledBranch[] {
  return (stages[0]?.actions ?? []).flatMap(({ name, type, configuration }) => {
    const { Owner = '', Repo = '', Branch = '', PollForSourceChanges = 'true' } = configuration;
    if (type !== 'Source/ThirdParty/GitHub/1' || PollForSourceChanges !== 'true') return [];
    return [{ actionName: name, owner: Owner, repository: Repo, branch: Branch }];
  });
}

/**
 * Looks for new commits of a branch until it is closed. The commit that is there at the beginning
 * counts as known: AWS releases that one when it creates the pipeline.
 */
export class SourcePolling {
  private readonly closing = new AbortController();
  private looks = 0;
  private readonly watchers: { after: number; resolve: () => void }[] = [];
  private readonly polling: Promise<void>;

  /**
   * @param newestCommit of the branch; undefined when there is none
   * @param onChange called with each new one
   */
  constructor(
    private readonly clock: Clock,
    private readonly newestCommit: () => Promise<string | undefined>,
    private readonly onChange: (commit: string) => void,
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
    let known = await this.newestCommit();
    const isOver = () => signal.aborted;
    for (;;) {
      await this.clock.wait(INTERVAL_MS, signal);
      if (isOver()) break;
      this.looks += 1;
      const newest = await this.newestCommit();
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
