import type { DeployedResources } from '../cloudformation/deployed-resource';
import { RehearsalError } from '../errors';
import { type PipelineDefinition, readPipeline } from './pipeline-definition';

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

/**
 * What a push must go to: the source of the first pipeline that has one.
 *
 * @param assembly where the templates are, for the message
 * @throws RehearsalError `PipelineMissing`
 */
export function releasedSource(resources: DeployedResources, assembly: string): PipelineSource {
  const pipelines = resources.ofType('AWS::CodePipeline::Pipeline').map(readPipeline);
  const source = pipelines.map(pipelineSource).find((found) => found !== undefined);
  if (source !== undefined) return source;
  throw new RehearsalError(
    'PipelineMissing',
    `no stack of ${assembly} has a pipeline whose first action is a GitHub or connection source, so a push would start nothing.`,
  );
}
