import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, cfnString, readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';

/** An action as the pipeline structure states it. */
export interface ActionDefinition {
  readonly name: string;
  /** `category/owner/provider/version`, e.g. `Deploy/AWS/ECS/1` */
  readonly type: string;
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
  readonly version: string;
  /** Rising order inside the stage; equal numbers run at the same time. @default 1 */
  readonly runOrder: number;
  readonly configuration: Readonly<Record<string, string>>;
  readonly inputArtifacts: readonly string[];
  readonly outputArtifacts: readonly string[];
  /** Commands actions only: patterns of the files in each output artifact, by its name */
  readonly outputFiles: Readonly<Record<string, readonly string[]>>;
  /** Role of the action; the pipeline's own role when undefined */
  readonly roleArn: string | undefined;
  /** Under which the action's output variables can be read */
  readonly namespace: string | undefined;
  /** Commands actions only */
  readonly commands: readonly string[];
  /** Commands actions only: environment variables whose values become output variables */
  readonly outputVariables: readonly string[];
  /** Commands actions only */
  readonly environmentVariables: readonly { readonly name: string; readonly value: string }[];
}

export interface StageDefinition {
  readonly name: string;
  readonly actions: readonly ActionDefinition[];
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html */
export interface PipelineDefinition {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly roleArn: string;
  readonly executionMode: 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';
  readonly artifactBucket: string;
  readonly stages: readonly StageDefinition[];
}

const artifacts = z
  .array(z.object({ Name: z.string(), Files: z.array(z.string()).default([]) }))
  .default([]);

const actionSchema = z.object({
  Name: z.string(),
  ActionTypeId: z.object({
    Category: z.string(),
    Owner: z.string(),
    Provider: z.string(),
    Version: cfnString,
  }),
  RunOrder: cfnNumber.default(1),
  Configuration: z.record(z.string(), cfnString).default({}),
  InputArtifacts: artifacts,
  OutputArtifacts: artifacts,
  RoleArn: z.string().optional(),
  Namespace: z.string().optional(),
  Commands: z.array(z.string()).default([]),
  OutputVariables: z.array(z.string()).default([]),
  EnvironmentVariables: z
    .array(
      z.object({ Name: z.string(), Value: cfnString, Type: z.literal('PLAINTEXT').optional() }),
    )
    .default([]),
});

const pipelineSchema = z.object({
  Name: z.string().optional(),
  RoleArn: z.string(),
  PipelineType: z.enum(['V1', 'V2']).default('V1'),
  ExecutionMode: z.enum(['SUPERSEDED', 'QUEUED', 'PARALLEL']).default('SUPERSEDED'),
  ArtifactStore: z.object({ Location: z.string() }),
  Stages: z
    .array(z.object({ Name: z.string(), Actions: z.array(actionSchema).min(1) }))
    .min(2, 'a pipeline has at least two stages'),
});

/** Properties of AWS::CodePipeline::Pipeline that the engine acts on. */
export const playedPipelineProperties = [
  'ArtifactStore',
  'ExecutionMode',
  'Name',
  'PipelineType',
  'RoleArn',
  'Stages',
] as const;

/** Properties of a stage or action that would change the outcome and are not played yet. */
const UNPLAYED_STAGE_KEYS = ['BeforeEntry', 'OnFailure', 'OnSuccess', 'Blockers'];
const UNPLAYED_ACTION_KEYS = ['TimeoutInMinutes', 'Region'];

/** Paths such as `Stages.Deploy.OnFailure` that the template sets and the engine does not play. */
export function unplayedPipelineParts(resource: DeployedResource): string[] {
  const stages = (resource.properties['Stages'] ?? []) as Record<string, unknown>[];
  return stages.flatMap((stage) => {
    const path = `Stages.${String(stage['Name'])}`;
    const actions = (stage['Actions'] ?? []) as Record<string, unknown>[];
    return [
      ...UNPLAYED_STAGE_KEYS.filter((key) => key in stage).map((key) => `${path}.${key}`),
      ...actions.flatMap((action) =>
        UNPLAYED_ACTION_KEYS.filter((key) => key in action).map(
          (key) => `${path}.${String(action['Name'])}.${key}`,
        ),
      ),
    ];
  });
}

/**
 * @throws RehearsalError `PropertyInvalid`, or `ArtifactUnknown` when an action reads an artifact
 *   that no earlier action makes
 */
export function readPipeline(resource: DeployedResource): PipelineDefinition {
  const properties = readProperties(resource, pipelineSchema);
  const stages = properties.Stages.map((stage): StageDefinition => ({
    name: stage.Name,
    actions: stage.Actions.map(toAction),
  }));
  const pipeline: PipelineDefinition = {
    name: resource.physicalId,
    arn: `arn:aws:codepipeline:${resource.region}:${resource.account}:${resource.physicalId}`,
    account: resource.account,
    region: resource.region,
    roleArn: properties.RoleArn,
    executionMode: properties.ExecutionMode,
    artifactBucket: properties.ArtifactStore.Location,
    stages,
  };
  checkArtifacts(resource, pipeline);
  return pipeline;
}

function toAction(action: z.output<typeof actionSchema>): ActionDefinition {
  const { Category, Owner, Provider, Version } = action.ActionTypeId;
  return {
    name: action.Name,
    type: `${Category}/${Owner}/${Provider}/${Version}`,
    category: Category,
    owner: Owner,
    provider: Provider,
    version: Version,
    runOrder: action.RunOrder,
    configuration: action.Configuration,
    inputArtifacts: action.InputArtifacts.map(({ Name }) => Name),
    outputArtifacts: action.OutputArtifacts.map(({ Name }) => Name),
    outputFiles: Object.fromEntries(action.OutputArtifacts.map(({ Name, Files }) => [Name, Files])),
    roleArn: action.RoleArn,
    namespace: action.Namespace,
    commands: action.Commands,
    outputVariables: action.OutputVariables,
    environmentVariables: action.EnvironmentVariables.map(({ Name, Value }) => ({
      name: Name,
      value: Value,
    })),
  };
}

function checkArtifacts(resource: DeployedResource, pipeline: PipelineDefinition): void {
  const made = new Set<string>();
  for (const stage of pipeline.stages) {
    for (const action of runOrderGroups(stage).flat()) {
      const missing = action.inputArtifacts.find((name) => !made.has(name));
      if (missing !== undefined) {
        throw new RehearsalError(
          'ArtifactUnknown',
          `action '${action.name}' of stage '${stage.name}' in pipeline '${pipeline.name}' (stack '${resource.stack}') reads the artifact '${missing}', which no earlier action makes (made so far: ${[...made].join(', ') || 'none'}).`,
        );
      }
      for (const name of action.outputArtifacts) made.add(name);
    }
  }
}

/** The actions of a stage in the order they run: each group at the same time. */
export function runOrderGroups(stage: StageDefinition): ActionDefinition[][] {
  const orders = [...new Set(stage.actions.map(({ runOrder }) => runOrder))].sort((a, b) => a - b);
  return orders.map((order) => stage.actions.filter(({ runOrder }) => runOrder === order));
}
