import type { DeployedResource } from '../cloudformation/deployed-resource';
import { RehearsalError } from '../errors';
import { checkActions } from './action-check';
import type {
  ActionDefinition,
  Condition,
  PipelineDefinition,
  StageDefinition,
} from './pipeline-definition';
import type { PipelineProperties } from './pipeline-schema';
import { runOrderGroups } from './run-order';

/** Rules of stage conditions that are played. */
const PLAYED_RULES = [
  'CloudWatchAlarm',
  'CodeBuild',
  'Commands',
  'DeploymentWindow',
  'VariableCheck',
];

/**
 * What CodePipeline itself would not create, and what a rehearsal cannot play.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
 *
 * @throws RehearsalError `PipelineInvalid`, `ArtifactUnknown`, `ActionUnplayed`, `RuleUnplayed`
 */
export function checkPipeline(
  resource: DeployedResource,
  properties: PipelineProperties,
  pipeline: PipelineDefinition,
): void {
  const where = `pipeline '${pipeline.name}' (stack '${resource.stack}')`;
  const invalid = (problem: string) =>
    new RehearsalError('PipelineInvalid', `${where} ${problem}. CodePipeline would not create it.`);
  const misnamed = wrongName(pipeline);
  if (misnamed !== undefined) throw invalid(misnamed);
  const twice = duplicate(pipeline.stages.map(({ name }) => name));
  if (twice !== undefined) throw invalid(`has two stages named '${twice}'`);
  const triggered = duplicate(pipeline.triggers.map(({ sourceAction }) => sourceAction));
  if (triggered !== undefined) throw invalid(`has two triggers for the action '${triggered}'`);
  const needsV2 = pipeline.type === 'V1' ? v2Features(pipeline)[0] : undefined;
  if (needsV2 !== undefined) {
    throw invalid(`is of type V1 and uses ${needsV2}, which pipelines of type V2 have`);
  }
  const stageNames = pipeline.stages.map(({ name }) => name);
  const unknown = pipeline.disabledTransitions.find((name) => !stageNames.includes(name));
  if (unknown !== undefined) throw invalid(`disables the transition into no stage, '${unknown}'`);
  for (const stage of pipeline.stages) {
    const sameName = duplicate(stage.actions.map(({ name }) => name));
    if (sameName !== undefined) {
      throw invalid(`has two actions named '${sameName}' in stage '${stage.name}'`);
    }
    for (const { rules } of conditionsOf(stage)) {
      const rule = rules.find(({ provider }) => !PLAYED_RULES.includes(provider));
      if (rule === undefined) continue;
      throw new RehearsalError(
        'RuleUnplayed',
        `the rule '${rule.name}' of stage '${stage.name}' in ${where} is a '${rule.provider}', which is not played; played: ${PLAYED_RULES.join(', ')}.`,
      );
    }
  }
  checkActions(where, resource.region, properties, pipeline);
  checkArtifacts(where, pipeline);
}

/**
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_OutputArtifact.html
 */
function wrongName({ name, stages }: PipelineDefinition): string | undefined {
  const actions = stages.flatMap((stage) => stage.actions);
  const names = [name, ...stages.map((stage) => stage.name), ...actions.map((each) => each.name)];
  const wrong = names.find((each) => !/^[\w.@-]{1,100}$/.test(each));
  if (wrong !== undefined) {
    return `uses the name '${wrong}'; names have 1 to 100 letters, digits, and . @ - _`;
  }
  const artifacts = actions.flatMap(({ outputArtifacts }) => outputArtifacts);
  const artifact = artifacts.find((each) => !/^[\w-]{1,100}$/.test(each));
  return (
    artifact &&
    `makes the artifact '${artifact}'; names of artifacts have 1 to 100 letters, digits, - and _`
  );
}

/** Actions that run on CodePipeline's own compute. */
function needsV2Compute({ provider }: ActionDefinition): boolean {
  return provider === 'Commands' || provider === 'ECRBuildAndPublish';
}

function conditionsOf({ beforeEntry, onSuccess, onFailure }: StageDefinition): Condition[] {
  return [...beforeEntry, ...onSuccess, ...onFailure.conditions];
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/pipeline-types-planning.html */
function v2Features({ executionMode, variables, triggers, stages }: PipelineDefinition): string[] {
  return [
    ...(executionMode === 'SUPERSEDED' ? [] : [`the execution mode ${executionMode}`]),
    ...(variables.length === 0 ? [] : ['Variables']),
    ...(triggers.length === 0 ? [] : ['Triggers']),
    ...stages.flatMap(({ actions }) =>
      actions.filter(needsV2Compute).map(({ name, provider }) => `${provider} (action '${name}')`),
    ),
    ...stages
      .filter((stage) => conditionsOf(stage).length > 0 || stage.onFailure.result !== 'FAIL')
      .map(({ name }) => `stage conditions (in '${name}')`),
  ];
}

function checkArtifacts(where: string, pipeline: PipelineDefinition): void {
  const made = new Set<string>();
  for (const stage of pipeline.stages) {
    for (const group of runOrderGroups(stage)) {
      for (const action of group) {
        const missing = action.inputArtifacts.find((name) => !made.has(name));
        if (missing !== undefined) {
          throw new RehearsalError(
            'ArtifactUnknown',
            `action '${action.name}' of stage '${stage.name}' in ${where} reads the artifact '${missing}', which no earlier action makes (made so far: ${[...made].join(', ') || 'none'}).`,
          );
        }
      }
      for (const { name: action, outputArtifacts } of group) {
        for (const name of outputArtifacts) {
          if (made.has(name)) {
            throw new RehearsalError(
              'PipelineInvalid',
              `${where} makes the artifact '${name}' twice, again in action '${action}' of stage '${stage.name}'. Output artifact names are unique in a pipeline.`,
            );
          }
          made.add(name);
        }
      }
    }
  }
}

function duplicate(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
