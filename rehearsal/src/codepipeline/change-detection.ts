import type { Clock } from '../clock';
import type { CodeCommit } from '../codecommit/codecommit';
import type { GitHub } from '../github/github';
import type { ObjectStore } from '../s3/object-store';
import { connectionTriggeredBy, connectionTriggeredByPullRequest } from './connection-trigger';
import type { Pipeline } from './pipeline';
import type { ActionDefinition, PipelineDefinition } from './pipeline-definition';
import { polledSources, SourcePolling } from './source-polling';
import type { StartRequest } from './start-request';

/** Where the sources of pipelines are. */
export interface PipelineSources {
  readonly github: Pick<GitHub, 'onPush' | 'onPullRequest' | 'newestCommit'>;
  readonly codecommit: Pick<CodeCommit, 'newestCommit'>;
  readonly objects: Pick<ObjectStore, 'find'>;
}

/** Starts pipelines for changes that nothing else reports: through connections, or by polling. */
export class ChangeDetection {
  private readonly pollings: readonly SourcePolling[];

  /** @param onStarted called with each execution that starts */
  constructor(
    pipelines: readonly Pipeline[],
    sources: PipelineSources,
    clock: Clock,
    onStarted: (finished: Promise<void>) => void,
  ) {
    const startEach = (requestOf: (pipeline: PipelineDefinition) => StartRequest | undefined) => {
      for (const pipeline of pipelines) {
        const request = requestOf(pipeline.definition);
        if (request !== undefined) onStarted(pipeline.start(request).finished);
      }
    };
    const { github } = sources;
    github.onPush((push) => startEach((pipeline) => connectionTriggeredBy(pipeline, push)));
    github.onPullRequest((event) =>
      startEach((pipeline) => connectionTriggeredByPullRequest(pipeline, event)),
    );
    this.pollings = pipelines.flatMap((pipeline) =>
      polledSources(pipeline.definition).map((action) => {
        const { newest, triggerDetail } = polled(action, sources);
        return new SourcePolling(clock, newest, () => {
          const request = { triggerType: 'PollForSourceChanges', triggerDetail } as const;
          onStarted(pipeline.start(request).finished);
        });
      }),
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

/** How to ask a source for its newest revision, and how an execution that follows names it. */
function polled(
  { provider, configuration }: ActionDefinition,
  { github, codecommit, objects }: PipelineSources,
): { newest: () => Promise<string | undefined>; triggerDetail: string } {
  const value = (key: string) => configuration[key] ?? '';
  switch (provider) {
    case 'CodeCommit': {
      const [repository, branch] = [value('RepositoryName'), value('BranchName')];
      return {
        newest: () => codecommit.newestCommit(repository, branch),
        triggerDetail: `${repository} ${branch}`,
      };
    }
    case 'S3': {
      const [bucket, key] = [value('S3Bucket'), value('S3ObjectKey')];
      return {
        newest: () => Promise.resolve(objects.find(bucket, key)?.versionId),
        triggerDetail: `${bucket}/${key}`,
      };
    }
    default: {
      const [owner, repository, branch] = [value('Owner'), value('Repo'), value('Branch')];
      return {
        newest: () => github.newestCommit({ owner, repository, branch }),
        triggerDetail: `${owner}/${repository} ${branch}`,
      };
    }
  }
}
