import type { DeployedResources } from '../cloudformation/deployed-resource';
import { RehearsalError } from '../errors';
import {
  type ActionDefinition,
  type PipelineDefinition,
  readPipeline,
} from './pipeline-definition';
import { type PullRequestRelease, pullRequestRelease } from './pull-request-release';

/** Where the source of a pipeline is, and the branch that it releases. */
export type PipelineSource =
  | {
      readonly provider: 'GitHub';
      readonly owner: string;
      readonly repository: string;
      readonly branch: string;
      /** What it takes to release a change, where pushes to the branch start nothing */
      readonly pullRequest?: PullRequestRelease;
    }
  | { readonly provider: 'CodeCommit'; readonly repository: string; readonly branch: string }
  /** Whoever releases puts the files of a commit there; S3 knows no branches */
  | {
      readonly provider: 'S3';
      readonly bucket: string;
      readonly key: string;
      readonly branch: string;
    };

/** Read from the pipeline's first source of a kind that people push to; undefined without one. */
export function pipelineSource(
  pipeline: Pick<PipelineDefinition, 'stages'>,
): PipelineSource | undefined {
  const sources = pipeline.stages[0]?.actions.map(sourceOf) ?? [];
  return sources.find((source) => source !== undefined);
}

function sourceOf({ provider, configuration }: ActionDefinition): PipelineSource | undefined {
  const { Owner, Repo, Branch, FullRepositoryId, BranchName, RepositoryName } = configuration;
  const { S3Bucket, S3ObjectKey } = configuration;
  if (provider === 'GitHub' && Owner && Repo && Branch) {
    return { provider, owner: Owner, repository: Repo, branch: Branch };
  }
  const [owner, repository] = FullRepositoryId?.split('/') ?? [];
  if (provider === 'CodeStarSourceConnection' && owner && repository && BranchName) {
    return { provider: 'GitHub', owner, repository, branch: BranchName };
  }
  if (provider === 'CodeCommit' && RepositoryName && BranchName) {
    return { provider, repository: RepositoryName, branch: BranchName };
  }
  if (provider === 'S3' && S3Bucket && S3ObjectKey) {
    return { provider, bucket: S3Bucket, key: S3ObjectKey, branch: 'main' };
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
  const [source] = pipelines.map(pipelineSource).filter((found) => found !== undefined);
  if (source?.provider === 'GitHub') {
    return { ...source, pullRequest: pullRequestRelease(pipelines.filter(pipelineSource)) };
  }
  if (source !== undefined) return source;
  throw new RehearsalError(
    'PipelineMissing',
    `no stack of ${assembly} has a pipeline with a source in GitHub, CodeCommit or S3, so a push would start nothing.`,
  );
}
