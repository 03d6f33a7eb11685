import { CfnParameter, Duration } from 'aws-cdk-lib/core';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import {
  Capability,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
  Protocol,
} from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeInlinePolicy, acknowledgeWildcard } from './acknowledge';
import type { ServiceSettings } from './cdk-stack-props';
import { createLogGroup } from './log-group';
import { CONTAINER_PORT, type ResourceNames } from './resource-names';

/** ECS sends SIGKILL this long after SIGTERM; the API's own deadline has to be shorter. */
const STOP_TIMEOUT = Duration.seconds(30);

export interface TaskDefinitionOptions {
  readonly names: ResourceNames;
  readonly settings: ServiceSettings;
  readonly repository: IRepository;
  readonly logRetention: RetentionDays | undefined;
  readonly encryptionKey: IKey | undefined;
}

/** One small container, read-only, without root and without Linux capabilities. */
export function createTaskDefinition(
  scope: Construct,
  { names, settings, repository, logRetention, encryptionKey }: TaskDefinitionOptions,
): FargateTaskDefinition {
  const taskDefinition = new FargateTaskDefinition(scope, 'ApiTaskDef', {
    family: names.taskFamily,
    cpu: settings.cpu,
    memoryLimitMiB: settings.memoryLimitMiB,
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.of(settings.cpuArchitecture),
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
  });

  const logGroup = createLogGroup(scope, 'ApiLogGroup', {
    name: names.logGroup,
    retention: logRetention,
    encryptionKey,
  });

  taskDefinition.addContainer(names.container, {
    containerName: names.container,
    image: ContainerImage.fromEcrRepository(
      repository,
      releasedImageTag(scope, names.imageTagParameter),
    ),
    logging: LogDrivers.awsLogs({ logGroup, streamPrefix: settings.serviceName }),
    environment: { NODE_ENV: 'production', PORT: String(CONTAINER_PORT) },
    portMappings: [{ containerPort: CONTAINER_PORT, protocol: Protocol.TCP }],
    // The task's own, said once more for checks that look at containers only.
    memoryLimitMiB: settings.memoryLimitMiB,
    readonlyRootFilesystem: true,
    user: '1000:1000',
    linuxParameters: withoutCapabilities(scope),
    stopTimeout: STOP_TIMEOUT,
    // No container health check: docs/decisions/0002-container-health-check.md.
  });

  acknowledge(
    taskDefinition,
    'NODE_ENV and PORT are not secrets, and a change to them should be a release.',
    'AwsSolutions-ECS2',
  );
  acknowledgeExecutionRole(taskDefinition.obtainExecutionRole());
  return taskDefinition;
}

function acknowledgeExecutionRole(role: IRole): void {
  acknowledgeWildcard(
    role,
    '*',
    'ecr:GetAuthorizationToken has no resource type, so IAM accepts only *: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html',
  );
  acknowledgeInlinePolicy(role);
}

/**
 * The tag of the last successful release, read by CloudFormation at each deploy, so that an
 * infrastructure change never brings an older image back: docs/decisions/0003-image-tag-record.md.
 */
function releasedImageTag(scope: Construct, parameterName: string): string {
  return new CfnParameter(scope, 'ImageTag', {
    type: 'AWS::SSM::Parameter::Value<String>',
    default: parameterName,
    description: 'SSM parameter holding the image tag of the last successful release',
  }).valueAsString;
}

function withoutCapabilities(scope: Construct): LinuxParameters {
  const linuxParameters = new LinuxParameters(scope, 'ApiLinuxParameters');
  linuxParameters.dropCapabilities(Capability.ALL);
  return linuxParameters;
}
