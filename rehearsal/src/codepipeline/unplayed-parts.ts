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
  return [
    ...list(properties['Stages']).flatMap((stage) => {
      const path = `Stages.${String(stage['Name'])}`;
      return [
        ...('Blockers' in stage ? [`${path}.Blockers`] : []),
        ...list(stage['Actions']).filter(isTimed).map(timeoutPath(path)),
      ];
    }),
    ...list(properties['Triggers']).flatMap((trigger) => {
      const { SourceActionName, PullRequest } = (trigger['GitConfiguration'] ?? {}) as Part;
      // Nobody opens pull requests in a rehearsal.
      return list(PullRequest).length > 0
        ? [`Triggers.${String(SourceActionName)}.PullRequest`]
        : [];
    }),
  ];
}

/** CodePipeline takes a timeout for manual approvals alone; what others would do is not said. */
function isTimed(action: Part): boolean {
  const { Provider } = (action['ActionTypeId'] ?? {}) as Part;
  return 'TimeoutInMinutes' in action && Provider !== 'Manual';
}

const timeoutPath = (stage: string) => (action: Part) =>
  `${stage}.${String(action['Name'])}.TimeoutInMinutes`;
