import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib/core';
import type { ArtifactPath, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { EcsDeployAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { ArnPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { CdkStack } from './cdk-stack';

/**
 * A release takes two to four minutes. The action waits for a steady service also after a rollback,
 * for an hour by default (https://github.com/aws/containers-roadmap/issues/1399), and a pipeline
 * that is stuck releases nothing.
 */
const DEPLOYMENT_TIMEOUT = Duration.minutes(15);

/** Puts the image of the build into a new task definition revision and waits until it serves alone. */
export function createDeployAction(
  scope: Construct,
  pipeline: Pipeline,
  target: CdkStack,
  imageFile: ArtifactPath,
): EcsDeployAction {
  // By name, not by reference: an export of the service's name would forbid ever replacing it while
  // this stack imports it (https://github.com/aws/aws-cdk/issues/7602).
  const service = FargateService.fromFargateServiceAttributes(scope, 'Service', {
    serviceName: target.names.service,
    cluster: Cluster.fromClusterAttributes(scope, 'Cluster', {
      clusterName: target.names.cluster,
      vpc: target.vpc,
    }),
  });
  return new EcsDeployAction({
    actionName: 'Deploy_to_ECS',
    service,
    imageFile,
    deploymentTimeout: DEPLOYMENT_TIMEOUT,
    // Without policy updates: the action would add its usual permissions on every service and role.
    role: createDeployRole(scope, pipeline, target).withoutPolicyUpdates(),
  });
}

/**
 * What the action documents to need, on this one service:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
 */
function createDeployRole(scope: Construct, pipeline: Pipeline, target: CdkStack): Role {
  const stack = Stack.of(scope);
  const role = new Role(scope, 'DeployRole', {
    description: 'Deploy_to_ECS: updates one service',
    assumedBy: new ArnPrincipal(pipeline.role.roleArn),
  });
  const ecsArn = (resource: string, resourceName: string) =>
    stack.formatArn({
      service: 'ecs',
      resource,
      resourceName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });

  role.addToPolicy(
    new PolicyStatement({
      sid: 'UpdateTheService',
      actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
      resources: [ecsArn('service', `${target.names.cluster}/${target.names.service}`)],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ReadAndRegisterRevisions',
      actions: ['ecs:DescribeTaskDefinition', 'ecs:RegisterTaskDefinition'],
      // The action's documentation scopes neither; PassRole below is what limits a new revision.
      resources: ['*'],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'CopyTagsToTheNewRevision',
      actions: ['ecs:TagResource'],
      resources: [ecsArn('task-definition', `${target.names.taskFamily}:*`)],
      conditions: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'HandTheTaskItsRoles',
      actions: ['iam:PassRole'],
      resources: [
        target.taskDefinition.taskRole.roleArn,
        target.taskDefinition.obtainExecutionRole().roleArn,
      ],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  );
  pipeline.artifactBucket.grantRead(role);
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'ecs:RegisterTaskDefinition and ecs:DescribeTaskDefinition are documented for this action on * only: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html',
  });
  return role;
}
