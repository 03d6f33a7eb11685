import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import {
  BuildSpec,
  Cache,
  ComputeType,
  type IBuildImage,
  LinuxArmBuildImage,
  LinuxBuildImage,
  PipelineProject,
} from 'aws-cdk-lib/aws-codebuild';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledge-wildcard';
import { allowArtifacts } from './artifact-access';
import type { ServiceArchitecture } from './cdk-stack-props';
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

export interface BuildProjectOptions {
  readonly names: ResourceNames;
  readonly repository: IRepository;
  readonly artifactBucket: IBucket;
  readonly cpuArchitecture: ServiceArchitecture;
  readonly buildArchitecture: ServiceArchitecture;
}

/** Runs the source's buildspec.yml: tests, image build, push. */
export function createBuildProject(
  scope: Construct,
  { names, repository, artifactBucket, cpuArchitecture, buildArchitecture }: BuildProjectOptions,
): PipelineProject {
  const stack = Stack.of(scope);
  const logGroup = new LogGroup(scope, 'BuildLogGroup', {
    logGroupName: `/aws/codebuild/${names.buildProject}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
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
    role: createBuildRole(scope, repository, artifactBucket, logGroup).withoutPolicyUpdates(),
  });
  acknowledgeFindings(project);
  return project;
}

/** What CodeBuild documents for logs and artifacts, and one repository to push to. */
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
  repository.grantPullPush(role);
  acknowledgeWildcard(
    role,
    '*',
    'ecr:GetAuthorizationToken has no resource type, so IAM accepts only *: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html',
  );
  return role;
}

function acknowledgeFindings(project: PipelineProject): void {
  Validations.of(project).acknowledge(
    {
      id: 'AwsSolutions-CB3',
      reason: 'docker build needs a Docker daemon, and that the privilege.',
    },
    {
      id: 'AwsSolutions-CB4',
      reason:
        'Artifacts are encrypted by S3; a key of our own is $1 a month and guards nothing more.',
    },
  );
}
