import { ArnFormat, Duration, Stack } from 'aws-cdk-lib/core';
import type { ArtifactPath } from 'aws-cdk-lib/aws-codepipeline';
import { EcsDeployAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeInlinePolicy, acknowledgeWildcard } from './acknowledge';
import { allowArtifacts } from './artifact-access';
import type { CdkStack } from './cdk-stack';
import { createActionRole, type PipelineAccess } from './pipeline-roles';

/**
 * A release takes two to four minutes. The action waits for a steady service also after a rollback,
 * for an hour by default (https://github.com/aws/containers-roadmap/issues/1399), and a pipeline
 * that is stuck releases nothing.
 */
const DEPLOYMENT_TIMEOUT = Duration.minutes(15);

/** Puts the image of the build into a new task definition revision and waits until it serves alone. */
export function createDeployAction(
  scope: Construct,
  access: PipelineAccess,
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
    role: createDeployRole(scope, access, target).withoutPolicyUpdates(),
  });
}

/**
 * What the action documents to need, on this one service:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
 */
function createDeployRole(scope: Construct, access: PipelineAccess, target: CdkStack): Role {
  const { names, taskDefinition } = target;
  const service = ecsArn(scope, 'service', `${names.cluster}/${names.service}`);
  const revisions = ecsArn(scope, 'task-definition', `${names.taskFamily}:*`);
  const taskRoles = [taskDefinition.taskRole, taskDefinition.obtainExecutionRole()];
  const role = createActionRole(scope, 'DeployRole', 'Deploy_to_ECS: updates one service', access);

  const statements = {
    UpdateTheService: {
      actions: ['ecs:DescribeServices', 'ecs:UpdateService'],
      resources: [service],
    },
    ReadAndRegisterRevisions: {
      actions: ['ecs:DescribeTaskDefinition', 'ecs:RegisterTaskDefinition'],
      resources: ['*'],
    },
    CopyTagsToTheNewRevision: {
      actions: ['ecs:TagResource'],
      resources: [revisions],
      conditions: { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } },
    },
    HandTheTaskItsRoles: {
      actions: ['iam:PassRole'],
      resources: taskRoles.map((taskRole) => taskRole.roleArn),
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  };
  for (const [sid, statement] of Object.entries(statements)) {
    role.addToPolicy(new PolicyStatement({ sid, ...statement }));
  }
  allowArtifacts(role, access.artifactBucket, 'read');

  acknowledgeWildcard(
    role,
    '*',
    'The action documents RegisterTaskDefinition and DescribeTaskDefinition on * only; PassRole is what limits a new revision.',
  );
  acknowledgeWildcard(role, revisions, 'A revision has no number before it is registered.');
  acknowledgeInlinePolicy(role);
  return role;
}

function ecsArn(scope: Construct, resource: string, resourceName: string): string {
  const arnFormat = ArnFormat.SLASH_RESOURCE_NAME;
  return Stack.of(scope).formatArn({ service: 'ecs', resource, resourceName, arnFormat });
}
