import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import {
  cfnBoolean,
  cfnNumber,
  cfnString,
  readProperties,
} from '../cloudformation/read-properties';
import { type BatchSettings, buildBatchConfig } from './batch-settings';
import { type BuildVpc, vpcConfig } from './build-vpc';

/** A variable as a project or an action states it; its value may still have to be looked up. */
export interface BuildVariable {
  readonly name: string;
  readonly type: 'PLAINTEXT' | 'PARAMETER_STORE' | 'SECRETS_MANAGER';
  /** The value, the parameter's name, or `secret-id:json-key:version-stage:version-id` */
  readonly value: string;
}

export interface BuildCacheSettings {
  readonly type: 'NO_CACHE' | 'S3' | 'LOCAL';
  /** S3: `bucket/prefix` */
  readonly location: string | undefined;
  /** LOCAL: `LOCAL_CUSTOM_CACHE`, `LOCAL_DOCKER_LAYER_CACHE`, `LOCAL_SOURCE_CACHE` */
  readonly modes: readonly string[];
}

/** AWS::CodeBuild::Project, complete with CodeBuild's defaults. */
export interface BuildProject {
  readonly name: string;
  readonly arn: string;
  readonly serviceRoleArn: string;
  /** ARN or alias of the KMS key that encrypts what the build puts out */
  readonly encryptionKey: string;
  readonly timeoutMinutes: number;
  readonly environment: {
    /** e.g. `ARM_CONTAINER`, `LINUX_CONTAINER` */
    readonly type: string;
    readonly computeType: string;
    readonly image: string;
    readonly privilegedMode: boolean;
    /** Who pulls the image: CodeBuild itself, or the project's role */
    readonly imagePullCredentials: 'CODEBUILD' | 'SERVICE_ROLE';
    readonly variables: readonly BuildVariable[];
  };
  readonly source: {
    readonly type: string;
    readonly location: string | undefined;
    /** Branch, tag or commit; undefined means the default branch */
    readonly version?: string | undefined;
    /** A path in the source, or the text itself; undefined means `buildspec.yml` */
    readonly buildspec: string | undefined;
  };
  readonly artifacts: { readonly type: string; readonly encryptionDisabled: boolean };
  /** Undefined when the project is not made for batches */
  readonly batch: BatchSettings | undefined;
  readonly cache: BuildCacheSettings;
  /** Undefined: builds run outside of any VPC of the account */
  readonly vpc: BuildVpc | undefined;
  readonly logs: {
    /** False when CloudWatch Logs is switched off */
    readonly enabled: boolean;
    readonly groupName: string;
    readonly streamPrefix: string | undefined;
  };
}

/** Environment types whose builds this machine's shell stands for. */
export const LINUX_TYPES = [
  'ARM_CONTAINER',
  'ARM_EC2',
  'LINUX_CONTAINER',
  'LINUX_EC2',
  'LINUX_GPU_CONTAINER',
] as const;

const variableSchema = z.object({
  Name: z.string(),
  Type: z.enum(['PLAINTEXT', 'PARAMETER_STORE', 'SECRETS_MANAGER']).default('PLAINTEXT'),
  Value: cfnString,
});

const projectSchema = z.object({
  Name: z.string().optional(),
  ServiceRole: z.string(),
  EncryptionKey: z.string().default('alias/aws/s3'),
  // Limits: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
  TimeoutInMinutes: cfnNumber.pipe(z.number().min(5).max(2160)).default(60),
  Environment: z.object({
    Type: z.enum(LINUX_TYPES),
    ComputeType: z.string(),
    Image: z.string(),
    PrivilegedMode: cfnBoolean.default(false),
    ImagePullCredentialsType: z.enum(['CODEBUILD', 'SERVICE_ROLE']).default('CODEBUILD'),
    EnvironmentVariables: z.array(variableSchema).default([]),
  }),
  Source: z.object({
    Type: z.string(),
    Location: z.string().optional(),
    BuildSpec: z.string().optional(),
  }),
  SourceVersion: z.string().optional(),
  Artifacts: z.object({ Type: z.string(), EncryptionDisabled: cfnBoolean.default(false) }),
  Cache: z
    .object({
      Type: z.enum(['NO_CACHE', 'S3', 'LOCAL']),
      Location: z.string().optional(),
      Modes: z.array(z.string()).default([]),
    })
    .default({ Type: 'NO_CACHE', Modes: [] }),
  BuildBatchConfig: buildBatchConfig.optional(),
  VpcConfig: vpcConfig.optional(),
  LogsConfig: z
    .object({
      CloudWatchLogs: z
        .object({
          Status: z.enum(['ENABLED', 'DISABLED']),
          GroupName: z.string().optional(),
          StreamName: z.string().optional(),
        })
        .optional(),
    })
    .default({}),
});

/** Properties of AWS::CodeBuild::Project that a rehearsal plays. */
export const playedProperties: readonly string[] = [
  'Name',
  'Description',
  'Tags',
  'ServiceRole',
  'TimeoutInMinutes',
  // A build never queues here: this machine is always free.
  'QueuedTimeoutInMinutes',
  // CodeBuild retries no build for CodePipeline, which starts every build here.
  // https://docs.aws.amazon.com/codebuild/latest/userguide/auto-retry-build.html
  'AutoRetryLimit',
  'EncryptionKey',
  'Environment.Type',
  'Environment.ComputeType',
  'Environment.Image',
  'Environment.ImagePullCredentialsType',
  'Environment.PrivilegedMode',
  'Environment.EnvironmentVariables',
  'Source.Type',
  'Source.Location',
  'Source.BuildSpec',
  'SourceVersion',
  'Artifacts.Type',
  'Artifacts.EncryptionDisabled',
  'BuildBatchConfig.ServiceRole',
  'BuildBatchConfig.TimeoutInMins',
  'BuildBatchConfig.Restrictions.MaximumBuildsAllowed',
  'BuildBatchConfig.Restrictions.ComputeTypesAllowed',
  // Only for builds whose status goes to the source's provider, which no build of a pipeline does.
  'BuildBatchConfig.BatchReportMode',
  'Cache.Type',
  'Cache.Location',
  'Cache.Modes',
  'VpcConfig',
  'LogsConfig.CloudWatchLogs',
];

/**
 * The project that a template defines.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-codebuild-project.html
 *
 * @throws RehearsalError `PropertyInvalid`, also for environments other than Linux containers
 */
export function readBuildProject(resource: DeployedResource): BuildProject {
  const read = readProperties(resource, projectSchema);
  const name = read.Name ?? resource.physicalId;
  const logs = read.LogsConfig.CloudWatchLogs;
  return {
    name,
    arn: `arn:aws:codebuild:${resource.region}:${resource.account}:project/${name}`,
    serviceRoleArn: read.ServiceRole,
    encryptionKey: read.EncryptionKey,
    timeoutMinutes: read.TimeoutInMinutes,
    environment: {
      type: read.Environment.Type,
      computeType: read.Environment.ComputeType,
      image: read.Environment.Image,
      privilegedMode: read.Environment.PrivilegedMode,
      imagePullCredentials: read.Environment.ImagePullCredentialsType,
      variables: read.Environment.EnvironmentVariables.map(({ Name, Type, Value }) => ({
        name: Name,
        type: Type,
        value: Value,
      })),
    },
    source: {
      type: read.Source.Type,
      location: read.Source.Location,
      version: read.SourceVersion,
      buildspec: read.Source.BuildSpec,
    },
    artifacts: {
      type: read.Artifacts.Type,
      encryptionDisabled: read.Artifacts.EncryptionDisabled,
    },
    batch: read.BuildBatchConfig,
    cache: { type: read.Cache.Type, location: read.Cache.Location, modes: read.Cache.Modes },
    vpc: read.VpcConfig,
    logs: {
      enabled: logs?.Status !== 'DISABLED',
      groupName: logs?.GroupName ?? `/aws/codebuild/${name}`,
      streamPrefix: logs?.StreamName,
    },
  };
}
