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

/**
 * Paths such as `Stages.Deploy.Blockers` that the template sets and the engine does
 * not play.
 */
export function unplayedPipelineParts({ properties }: DeployedResource): string[] {
  const list = (value: unknown) => (value ?? []) as Part[];
  const blocked = list(properties['Stages']).filter((stage) => 'Blockers' in stage);
  return [
    ...blocked.map(({ Name }) => `Stages.${String(Name)}.Blockers`),
    ...list(properties['Triggers']).flatMap((trigger) => {
      const { SourceActionName, PullRequest } = (trigger['GitConfiguration'] ?? {}) as Part;
      // Nobody opens pull requests in a rehearsal.
      return list(PullRequest).length > 0
        ? [`Triggers.${String(SourceActionName)}.PullRequest`]
        : [];
    }),
  ];
}
