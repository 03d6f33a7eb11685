import type { DeployedResource } from '../cloudformation/deployed-resource';

/** Properties of AWS::CodePipeline::Pipeline that the engine acts on. */
export const playedPipelineProperties = [
  'ArtifactStore',
  'ArtifactStores',
  'DisableInboundStageTransitions',
  'ExecutionMode',
  'Name',
  'PipelineType',
  // A rehearsal never updates a pipeline.
  'RestartExecutionOnUpdate',
  'RoleArn',
  'Stages',
  'Triggers',
  'Variables',
] as const;

type Part = Record<string, unknown>;

/** Paths such as `Stages.Deploy.Blockers` that the template sets and the engine does not play. */
export function unplayedPipelineParts({ properties }: DeployedResource): string[] {
  const stages = (properties['Stages'] ?? []) as Part[];
  return stages
    .filter((stage) => 'Blockers' in stage)
    .map(({ Name }) => `Stages.${String(Name)}.Blockers`);
}
