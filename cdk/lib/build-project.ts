import { Duration, Stack } from 'aws-cdk-lib/core';
import {
  BuildSpec,
  Cache,
  ComputeType,
  type IBuildImage,
  LinuxArmBuildImage,
  LinuxBuildImage,
  PipelineProject,
} from 'aws-cdk-lib/aws-codebuild';
import { AuthorizationToken, type IRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeInlinePolicy, acknowledgeWildcard } from './acknowledge';
import { allowArtifacts } from './artifact-access';
import type { ServiceArchitecture } from './cdk-stack-props';
import { createLogGroup } from './log-group';
import { createActionRole, type PipelineAccess } from './pipeline-roles';
import type { ResourceNames } from './resource-names';

/** Both images carry Node 22, Docker and the AWS CLI: https://github.com/aws/aws-codebuild-docker-images */
const BUILD_IMAGES: Readonly<Record<ServiceArchitecture, IBuildImage>> = {
  ARM64: LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0,
  X86_64: LinuxBuildImage.AMAZON_LINUX_2023_5,
};

/** Docker's name of the processor that tasks run on. */
export const IMAGE_PLATFORMS: Readonly<Record<ServiceArchitecture, string>> = {
  ARM64: 'linux/arm64',
  X86_64: 'linux/amd64',
};

/**
 * Pushing an image and asking for its manifest; the repository's own grant would add pulling it:
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

export interface BuildProjectOptions {
  readonly names: ResourceNames;
  readonly repository: IRepository;
  readonly artifactBucket: IBucket;
  readonly cpuArchitecture: ServiceArchitecture;
  readonly buildArchitecture: ServiceArchitecture;
  readonly encryptionKey: IKey | undefined;
}

/** Runs the source's buildspec.yml: tests, image build, push. */
export function createBuildProject(
  scope: Construct,
  options: BuildProjectOptions,
): PipelineProject {
  const { names, repository, artifactBucket, encryptionKey } = options;
  const { cpuArchitecture, buildArchitecture } = options;
  const stack = Stack.of(scope);
  const logGroup = createLogGroup(scope, 'BuildLogGroup', {
    name: `/aws/codebuild/${names.buildProject}`,
    encryptionKey,
  });
  const variables: Record<string, string> = {
    AWS_DEFAULT_REGION: stack.region,
    AWS_ACCOUNT_ID: stack.account,
    ECR_REPOSITORY_NAME: names.repository,
    ECS_CLUSTER_NAME: names.cluster,
    ECS_SERVICE_NAME: names.service,
    CONTAINER_NAME: names.container,
    IMAGE_PLATFORM: IMAGE_PLATFORMS[cpuArchitecture],
  };
  const project = new PipelineProject(scope, 'BuildProject', {
    projectName: names.buildProject,
    description: 'Tests, builds and pushes the image of every commit',
    buildSpec: BuildSpec.fromSourceFilename('buildspec.yml'),
    environment: {
      buildImage: BUILD_IMAGES[buildArchitecture],
      computeType: ComputeType.SMALL,
      // The Docker daemon needs it: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html
      privileged: true,
    },
    environmentVariables: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, { value }]),
    ),
    timeout: Duration.minutes(30),
    cache: Cache.bucket(artifactBucket, { prefix: 'build-cache' }),
    logging: { cloudWatch: { logGroup } },
    ...(encryptionKey && { encryptionKey }),
    role: createBuildRole(scope, repository, artifactBucket, logGroup).withoutPolicyUpdates(),
  });
  acknowledgeFindings(project, encryptionKey);
  return project;
}

/** What CodeBuild documents for logs and artifacts; one repository to push to, and the scan of what was pushed. */
function createBuildRole(
  scope: Construct,
  repository: IRepository,
  artifactBucket: IBucket,
  logGroup: ILogGroup,
): Role {
  const role = new Role(scope, 'BuildRole', {
    description: 'Build_and_Test: pushes images to one repository',
    assumedBy: new ServicePrincipal('codebuild.amazonaws.com'),
  });
  logGroup.grantWrite(role);
  allowArtifacts(role, artifactBucket, 'read-write');
  repository.grant(role, ...PUSH, 'ecr:DescribeImageScanFindings');
  AuthorizationToken.grantRead(role);
  acknowledgeWildcard(
    role,
    '*',
    'ecr:GetAuthorizationToken has no resource type, so IAM accepts only *: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html',
  );
  acknowledgeInlinePolicy(role);
  return role;
}

/**
 * What the action documents to need for one project:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
 */
export function createStartBuildRole(
  scope: Construct,
  access: PipelineAccess,
  project: PipelineProject,
): Role {
  const role = createActionRole(
    scope,
    'StartBuildRole',
    'Build_and_Test: starts one project',
    access,
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'StartTheBuild',
      actions: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild'],
      resources: [project.projectArn],
    }),
  );
  acknowledgeInlinePolicy(role);
  return role;
}

function acknowledgeFindings(project: PipelineProject, encryptionKey: IKey | undefined): void {
  acknowledge(
    project,
    'Its source is the pipeline, so there is no repository to log in to; the rule only looks for a login.',
    'CodeBuildProjectSourceRepoUrl',
  );
  if (!encryptionKey) {
    acknowledge(
      project,
      'Artifacts are encrypted with a key of S3; a key of the account is $1 a month, and the property `kmsEncryption` brings it.',
      'AwsSolutions-CB4',
    );
  }
}
