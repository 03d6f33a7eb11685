import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';
import { checkPipeline } from './pipeline-check';
import {
  type ActionProperties,
  type PipelineProperties,
  pipelineSchema,
  type RuleProperties,
  type StageProperties,
} from './pipeline-schema';

export { playedPipelineProperties, unplayedPipelineParts } from './unplayed-parts';

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
  /** Manual approvals only; AWS's seven days when undefined */
  readonly timeoutMinutes: number | undefined;
}

/**
 * Rules that must all succeed; otherwise the result engages. A rule is declared as an action is, of
 * the category `Rule`, e.g. `Rule/AWS/VariableCheck/1`.
 */
export interface Condition {
  readonly result: 'FAIL' | 'SKIP' | 'ROLLBACK';
  readonly rules: readonly ActionDefinition[];
}

/** Which actions of a failed stage run again. */
export type RetryMode = 'ALL_ACTIONS' | 'FAILED_ACTIONS';

export interface StageDefinition {
  readonly name: string;
  readonly actions: readonly ActionDefinition[];
  readonly beforeEntry: readonly Condition[];
  readonly onSuccess: readonly Condition[];
  readonly onFailure: {
    readonly result: 'FAIL' | 'RETRY' | 'ROLLBACK';
    readonly retryMode: RetryMode;
    /** Decide about a rollback in place of the result, where there are any */
    readonly conditions: readonly Condition[];
  };
}

/** Patterns; excludes win over includes, and no includes means everything. */
export interface GlobFilter {
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
}

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitPushFilter.html */
export interface PushFilter {
  readonly branches: GlobFilter | undefined;
  readonly tags: GlobFilter | undefined;
  readonly filePaths: GlobFilter | undefined;
}

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitPullRequestFilter.html */
export interface PullRequestFilter {
  readonly events: readonly ('OPEN' | 'UPDATED' | 'CLOSED')[];
  /** That pull requests are to be merged into */
  readonly branches: GlobFilter | undefined;
  readonly filePaths: GlobFilter | undefined;
}

/** What starts a V2 pipeline for a source action, in place of its `DetectChanges`. */
export interface PipelineTrigger {
  readonly sourceAction: string;
  /** Any of them; empty when the trigger is for pull requests only */
  readonly push: readonly PushFilter[];
  /** Any of them; empty when the trigger is for pushes only */
  readonly pullRequest: readonly PullRequestFilter[];
  /** Whether it says nothing of pushes or pull requests: then every push to the branch counts */
  readonly unfiltered: boolean;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html */
export interface PipelineDefinition {
  readonly name: string;
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly roleArn: string;
  readonly type: 'V1' | 'V2';
  readonly executionMode: 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';
  readonly artifactBucket: string;
  /** ARN of the customer managed key that encrypts artifacts; undefined: a key of AWS's own */
  readonly artifactKey: string | undefined;
  readonly variables: readonly {
    readonly name: string;
    readonly defaultValue: string | undefined;
  }[];
  readonly triggers: readonly PipelineTrigger[];
  /** Stages that no execution may enter, from the first moment on */
  readonly disabledTransitions: readonly string[];
  readonly stages: readonly StageDefinition[];
}

/**
 * @throws RehearsalError `PropertyInvalid`, `PipelineInvalid` for what CodePipeline would not
 *   create, or `ArtifactUnknown` when an action reads an artifact that no earlier action makes
 */
export function readPipeline(resource: DeployedResource): PipelineDefinition {
  const properties = readProperties(resource, pipelineSchema);
  const store = artifactStore(resource, properties);
  const pipeline: PipelineDefinition = {
    name: resource.physicalId,
    arn: `arn:aws:codepipeline:${resource.region}:${resource.account}:${resource.physicalId}`,
    account: resource.account,
    region: resource.region,
    roleArn: properties.RoleArn,
    type: properties.PipelineType,
    executionMode: properties.ExecutionMode,
    artifactBucket: store.Location,
    artifactKey: store.EncryptionKey?.Id,
    variables: properties.Variables.map(({ Name, DefaultValue }) => ({
      name: Name,
      defaultValue: DefaultValue,
    })),
    triggers: properties.Triggers.map(({ GitConfiguration }) => toTrigger(GitConfiguration)),
    disabledTransitions: properties.DisableInboundStageTransitions.map(
      ({ StageName }) => StageName,
    ),
    stages: properties.Stages.map(toStage),
  };
  checkPipeline(resource, properties, pipeline);
  return pipeline;
}

/** The store of the pipeline's own region: actions in other regions are refused. */
function artifactStore(
  { region, logicalId, stack }: DeployedResource,
  { ArtifactStore, ArtifactStores }: PipelineProperties,
): NonNullable<PipelineProperties['ArtifactStore']> {
  const store =
    ArtifactStore ?? ArtifactStores.find(({ Region }) => Region === region)?.ArtifactStore;
  if (store !== undefined) return store;
  throw new RehearsalError(
    'PipelineInvalid',
    `AWS::CodePipeline::Pipeline '${logicalId}' in stack '${stack}' has neither an ArtifactStore nor one for ${region} in ArtifactStores.`,
  );
}

function toStage(stage: StageProperties): StageDefinition {
  const { BeforeEntry, OnSuccess, OnFailure } = stage;
  const toConditions = (properties: typeof BeforeEntry | typeof OnSuccess): Condition[] =>
    properties.Conditions.map(({ Result, Rules }) => ({
      result: Result,
      rules: Rules.map(toRule),
    }));
  return {
    name: stage.Name,
    actions: stage.Actions.map(toAction),
    beforeEntry: toConditions(BeforeEntry),
    onSuccess: toConditions(OnSuccess),
    onFailure: {
      result: OnFailure.Result,
      retryMode: OnFailure.RetryConfiguration.RetryMode,
      conditions: toConditions(OnFailure),
    },
  };
}

function toAction(action: ActionProperties): ActionDefinition {
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
    timeoutMinutes: action.TimeoutInMinutes,
  };
}

/** @returns the action that a rule is played as */
function toRule({ RuleTypeId, ...rule }: RuleProperties): ActionDefinition {
  return toAction({
    ...rule,
    ActionTypeId: { ...RuleTypeId, Category: 'Rule' },
    RunOrder: 1,
    OutputArtifacts: [],
    OutputVariables: [],
    EnvironmentVariables: [],
  });
}

type GitConfiguration = PipelineProperties['Triggers'][number]['GitConfiguration'];

function toTrigger({ SourceActionName, Push, PullRequest }: GitConfiguration): PipelineTrigger {
  const toFilter = (criteria: (typeof Push)[number]['Branches']) =>
    criteria && { includes: criteria.Includes, excludes: criteria.Excludes };
  return {
    sourceAction: SourceActionName,
    push: Push.map(({ Branches, Tags, FilePaths }) => ({
      branches: toFilter(Branches),
      tags: toFilter(Tags),
      filePaths: toFilter(FilePaths),
    })),
    pullRequest: PullRequest.map(({ Events, Branches, FilePaths }) => ({
      events: Events,
      branches: toFilter(Branches),
      filePaths: toFilter(FilePaths),
    })),
    unfiltered: Push.length === 0 && PullRequest.length === 0,
  };
}
