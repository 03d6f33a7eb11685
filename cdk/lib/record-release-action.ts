import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import type { Artifact } from 'aws-cdk-lib/aws-codepipeline';
import { CommandsAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeInlinePolicy } from './acknowledge';
import { allowArtifacts } from './artifact-access';
import { createLogGroup } from './log-group';
import { createActionRole, type PipelineAccess } from './pipeline-roles';
import { IMAGE_DEFINITIONS_FILE, type ResourceNames } from './resource-names';

/**
 * Writes the tag that Deploy_to_ECS has just released into the SSM parameter that the service's
 * stack reads. It has a later runOrder in the same stage, so it runs only after a success.
 *
 * The tag is read from the file that was deployed, not handed over as a pipeline variable:
 * docs/decisions/0006-record-release.md.
 */
export function createRecordReleaseAction(
  scope: Construct,
  access: PipelineAccess,
  names: ResourceNames,
  buildOutput: Artifact,
  encryptionKey: IKey | undefined,
): CommandsAction {
  // CodePipeline would make this group itself, and keep its lines for ever.
  const logGroup = createLogGroup(scope, 'PipelineLogGroup', {
    name: `/aws/codepipeline/${names.pipeline}`,
    encryptionKey,
  });
  const role = createRecordReleaseRole(scope, access, names.imageTagParameter, logGroup);
  return new CommandsAction({
    actionName: 'Record_Release',
    runOrder: 2,
    input: buildOutput,
    role: role.withoutPolicyUpdates(),
    commands: recordReleaseCommands(names.imageTagParameter),
  });
}

/**
 * One line, because each entry is a command of its own and a line that fails must stop the rest.
 * The image is `registry/repository:tag`; the tag is what follows the last colon.
 */
export function recordReleaseCommands(imageTagParameter: string): string[] {
  const tag = `sed -nE 's/.*"imageUri" *: *"[^"]*:([^":\\/]+)".*/\\1/p' ${IMAGE_DEFINITIONS_FILE}`;
  const put = `aws ssm put-parameter --name ${imageTagParameter} --type String --overwrite --value "$IMAGE_TAG"`;
  return [`IMAGE_TAG="$(${tag})" && test -n "$IMAGE_TAG" && ${put}`];
}

/**
 * One parameter, and what a Commands action documents to need for its log:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
 */
function createRecordReleaseRole(
  scope: Construct,
  access: PipelineAccess,
  imageTagParameter: string,
  logGroup: ILogGroup,
): Role {
  const parameter = Stack.of(scope).formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: imageTagParameter.slice(1),
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  const role = createActionRole(
    scope,
    'RecordReleaseRole',
    'Record_Release: writes one parameter',
    access,
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'WriteTheImageTag',
      actions: ['ssm:PutParameter'],
      resources: [parameter],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'WriteTheLog',
      actions: [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:GetLogEvents',
        'logs:PutLogEvents',
      ],
      resources: [logGroup.logGroupArn],
    }),
  );
  allowArtifacts(role, access.artifactBucket, 'read');
  acknowledgeInlinePolicy(role);
  return role;
}
