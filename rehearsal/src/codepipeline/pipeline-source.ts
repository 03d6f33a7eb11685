import type { PipelineDefinition } from './pipeline-definition';

/** The repository and branch that a pipeline releases. */
export interface PipelineSource {
  readonly owner: string;
  readonly repository: string;
  readonly branch: string;
}

/** Read from the pipeline's first source action; undefined when that is not a GitHub one. */
export function pipelineSource(
  pipeline: Pick<PipelineDefinition, 'stages'>,
): PipelineSource | undefined {
  const action = pipeline.stages[0]?.actions[0];
  const { Owner, Repo, Branch, FullRepositoryId, BranchName } = action?.configuration ?? {};
  if (action?.provider === 'GitHub' && Owner && Repo && Branch) {
    return { owner: Owner, repository: Repo, branch: Branch };
  }
  const [owner, repository] = FullRepositoryId?.split('/') ?? [];
  if (action?.provider === 'CodeStarSourceConnection' && owner && repository && BranchName) {
    return { owner, repository, branch: BranchName };
  }
  return undefined;
}
