import type { PipelineDefinition, PipelineTrigger } from './pipeline-definition';

/**
 * How far people must take the pull request of a change until every pipeline has started. Undefined
 * where a pipeline waits for pushes: then a push is what releases the change.
 */
export type PullRequestRelease = 'opened' | 'merged' | undefined;

type Triggered = Pick<PipelineDefinition, 'name' | 'triggers'>;

/** @param pipelines that have a source which people push to */
export function pullRequestRelease(pipelines: readonly Triggered[]): PullRequestRelease {
  const triggers = pipelines.map((pipeline) => pipeline.triggers);
  if (!triggers.every((each) => each.some(isForPullRequests))) return undefined;
  const startAtOpening = triggers.every((each) =>
    each.some(({ pullRequest }) => pullRequest.some(({ events }) => events.includes('OPEN'))),
  );
  return startAtOpening ? 'opened' : 'merged';
}

/** What a run does not prove where pull requests start pipelines and nobody opens one. */
export function unopenedPullRequests(pipelines: readonly Triggered[]): string[] {
  if (pullRequestRelease(pipelines) !== undefined) return [];
  return pipelines
    .filter(({ triggers }) => triggers.some(({ pullRequest }) => pullRequest.length > 0))
    .map(
      ({ name }) =>
        `Pull requests start the pipeline '${name}'; a push releases changes here, so none was opened.`,
    );
}

function isForPullRequests({ push, pullRequest }: PipelineTrigger): boolean {
  return push.length === 0 && pullRequest.length > 0;
}
