import { z } from 'zod';
import { cfnBoolean, cfnNumber, cfnString } from '../cloudformation/read-properties';

const artifacts = z
  .array(z.object({ Name: z.string(), Files: z.array(z.string()).default([]) }))
  .default([]);

const typeId = z.object({
  Category: z.string(),
  Owner: z.string().default('AWS'),
  Provider: z.string(),
  Version: cfnString.default('1'),
});

const actionSchema = z.object({
  Name: z.string(),
  ActionTypeId: typeId,
  RunOrder: cfnNumber.pipe(z.number().int().min(1).max(999)).default(1),
  Configuration: z.record(z.string(), cfnString).default({}),
  InputArtifacts: artifacts,
  OutputArtifacts: artifacts,
  Region: z.string().optional(),
  RoleArn: z.string().optional(),
  Namespace: z.string().optional(),
  Commands: z.array(z.string()).default([]),
  OutputVariables: z.array(z.string()).default([]),
  EnvironmentVariables: z
    .array(
      z.object({ Name: z.string(), Value: cfnString, Type: z.literal('PLAINTEXT').optional() }),
    )
    .default([]),
  // https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html
  TimeoutInMinutes: cfnNumber.pipe(z.number().int().min(5).max(86_400)).optional(),
});

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RuleDeclaration.html */
const ruleSchema = z.object({
  Name: z.string(),
  RuleTypeId: typeId.omit({ Category: true }),
  Configuration: z.record(z.string(), cfnString).default({}),
  InputArtifacts: artifacts,
  Commands: z.array(z.string()).default([]),
  RoleArn: z.string().optional(),
});

const conditionList = <Result extends string>(...results: [Result, ...Result[]]) =>
  z
    .array(z.object({ Result: z.enum(results), Rules: z.array(ruleSchema).min(1).max(5) }))
    .default([]);

const conditions = <Result extends string>(...results: [Result, ...Result[]]) =>
  z.object({ Conditions: conditionList(...results) }).default({ Conditions: [] });

const stageSchema = z.object({
  Name: z.string(),
  Actions: z.array(actionSchema).min(1),
  BeforeEntry: conditions('FAIL', 'SKIP'),
  OnSuccess: conditions('FAIL', 'ROLLBACK'),
  OnFailure: z
    .object({
      Result: z.enum(['FAIL', 'RETRY', 'ROLLBACK']).default('FAIL'),
      Conditions: conditionList('ROLLBACK', 'FAIL'),
      RetryConfiguration: z
        .object({ RetryMode: z.enum(['ALL_ACTIONS', 'FAILED_ACTIONS']) })
        .default({ RetryMode: 'ALL_ACTIONS' }),
    })
    .default({ Result: 'FAIL', Conditions: [], RetryConfiguration: { RetryMode: 'ALL_ACTIONS' } }),
});

const criteria = z
  .object({
    Includes: z.array(z.string()).default([]),
    Excludes: z.array(z.string()).default([]),
  })
  .optional();

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitPullRequestFilter.html */
const pullRequestEvent = z.enum(['OPEN', 'UPDATED', 'CLOSED']);

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitConfiguration.html */
const triggerSchema = z.object({
  ProviderType: z.literal('CodeStarSourceConnection'),
  GitConfiguration: z.object({
    SourceActionName: z.string(),
    Push: z
      .array(z.object({ Branches: criteria, Tags: criteria, FilePaths: criteria }))
      .max(3)
      .default([]),
    PullRequest: z
      .array(
        z.object({
          Events: z.array(pullRequestEvent).min(1).default(pullRequestEvent.options),
          Branches: criteria,
          FilePaths: criteria,
        }),
      )
      .max(3)
      .default([]),
  }),
});

const storeSchema = z.object({
  Location: z.string(),
  EncryptionKey: z.object({ Id: z.string() }).optional(),
});

/**
 * AWS::CodePipeline::Pipeline as templates write it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codepipeline-pipeline.html
 */
export const pipelineSchema = z.object({
  Name: z.string().optional(),
  RoleArn: z.string(),
  PipelineType: z.enum(['V1', 'V2']).default('V1'),
  ExecutionMode: z.enum(['SUPERSEDED', 'QUEUED', 'PARALLEL']).default('SUPERSEDED'),
  ArtifactStore: storeSchema.optional(),
  ArtifactStores: z.array(z.object({ Region: z.string(), ArtifactStore: storeSchema })).default([]),
  Variables: z
    .array(z.object({ Name: z.string(), DefaultValue: cfnString.optional() }))
    .default([]),
  Triggers: z.array(triggerSchema).default([]),
  DisableInboundStageTransitions: z
    .array(z.object({ StageName: z.string(), Reason: z.string().default('') }))
    .default([]),
  RestartExecutionOnUpdate: cfnBoolean.default(false),
  Stages: z.array(stageSchema).min(2, 'a pipeline has at least two stages'),
});

export type PipelineProperties = z.output<typeof pipelineSchema>;
export type ActionProperties = z.output<typeof actionSchema>;
export type StageProperties = z.output<typeof stageSchema>;
export type RuleProperties = z.output<typeof ruleSchema>;
