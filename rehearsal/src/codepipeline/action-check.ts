import { RehearsalError } from '../errors';
import type { ActionDefinition, PipelineDefinition } from './pipeline-definition';
import type { PipelineProperties } from './pipeline-schema';

/**
 * What CodePipeline would not create of single actions, and what a rehearsal cannot play of them.
 *
 * @param where the pipeline, for messages
 * @param region of the pipeline
 * @throws RehearsalError `PipelineInvalid`, `ActionUnplayed`
 */
export function checkActions(
  where: string,
  region: string,
  properties: PipelineProperties,
  pipeline: PipelineDefinition,
): void {
  checkRegions(where, region, properties);
  checkTimeouts(where, pipeline);
  checkBuildActions(where, pipeline);
  checkPublishActions(where, pipeline);
}

/**
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html says that
 * only manual approvals have the attribute. That the API refuses it elsewhere:
 * https://github.com/hashicorp/terraform-provider-aws/pull/36316
 */
function checkTimeouts(where: string, { stages }: PipelineDefinition): void {
  for (const { name: stage, actions } of stages) {
    const timed = actions.find(
      ({ timeoutMinutes, provider }) => timeoutMinutes !== undefined && provider !== 'Manual',
    );
    if (timed === undefined) continue;
    throw new RehearsalError(
      'PipelineInvalid',
      `action '${timed.name}' of stage '${stage}' in ${where} has TimeoutInMinutes ${String(timed.timeoutMinutes)}, which only manual approvals take; this is ${timed.provider}. CodePipeline would not create it. Builds end by the TimeoutInMinutes of their project, deployments to ECS by DeploymentTimeout in the action's Configuration.`,
    );
  }
}

function checkPublishActions(where: string, { stages }: PipelineDefinition): void {
  for (const { name: stage, actions } of stages) {
    const open = actions.find(
      ({ provider, configuration }) =>
        provider === 'ECRBuildAndPublish' && configuration['RegistryType'] === 'public',
    );
    if (open === undefined) continue;
    throw new RehearsalError(
      'ActionUnplayed',
      `action '${open.name}' of stage '${stage}' in ${where} publishes to the public registry, and nothing of a rehearsal leaves this machine; private repositories are played.`,
    );
  }
}

function checkRegions(where: string, own: string, { Stages }: PipelineProperties): void {
  for (const stage of Stages) {
    const elsewhere = stage.Actions.find(({ Region = own }) => Region !== own);
    if (elsewhere === undefined) continue;
    throw new RehearsalError(
      'ActionUnplayed',
      `action '${elsewhere.Name}' of stage '${stage.Name}' in ${where} runs in ${String(elsewhere.Region)}; actions in other regions than the pipeline's (${own}) are not played.`,
    );
  }
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html */
function checkBuildActions(where: string, { stages }: PipelineDefinition): void {
  for (const stage of stages) {
    for (const {
      name,
      provider,
      configuration,
      inputArtifacts,
      outputArtifacts,
    } of stage.actions) {
      if (provider !== 'CodeBuild') continue;
      const action = `action '${name}' of stage '${stage.name}' in ${where}`;
      const combined = wrongCombination(configuration, outputArtifacts);
      if (combined !== undefined) {
        throw new RehearsalError('PipelineInvalid', `${action} has CombineArtifacts ${combined}.`);
      }
      const primary = configuration['PrimarySource'];
      if (inputArtifacts.length > 1 && primary === undefined) {
        throw new RehearsalError(
          'PipelineInvalid',
          `${action} has several input artifacts (${inputArtifacts.join(', ')}) and no PrimarySource. CodePipeline needs to know which of them holds the buildspec.`,
        );
      }
      if (primary !== undefined && !inputArtifacts.includes(primary)) {
        throw new RehearsalError(
          'PipelineInvalid',
          `${action} has the PrimarySource '${primary}', which is none of its input artifacts (${inputArtifacts.join(', ')}).`,
        );
      }
    }
  }
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/sample-pipeline-batch.html */
function wrongCombination(
  { BatchEnabled, CombineArtifacts }: ActionDefinition['configuration'],
  outputs: readonly string[],
): string | undefined {
  if (CombineArtifacts !== 'true') return undefined;
  if (BatchEnabled !== 'true') return 'without BatchEnabled; only a batch has artifacts to combine';
  if (outputs.length <= 1) return undefined;
  return `and ${outputs.length} output artifacts (${outputs.join(', ')}); a combined artifact is one`;
}
