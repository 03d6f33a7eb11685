import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Artifact, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CommandsAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { ArnPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
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
  pipeline: Pipeline,
  names: ResourceNames,
  buildOutput: Artifact,
): CommandsAction {
  // CodePipeline would make this group itself, and keep its lines for ever.
  new LogGroup(scope, 'PipelineLogGroup', {
    logGroupName: `/aws/codepipeline/${names.pipeline}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return new CommandsAction({
    actionName: 'Record_Release',
    runOrder: 2,
    input: buildOutput,
    role: createRecordReleaseRole(scope, pipeline, names.imageTagParameter),
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

function createRecordReleaseRole(
  scope: Construct,
  pipeline: Pipeline,
  imageTagParameter: string,
): Role {
  const role = new Role(scope, 'RecordReleaseRole', {
    description: 'Record_Release: writes one parameter',
    assumedBy: new ArnPrincipal(pipeline.role.roleArn),
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'WriteTheImageTag',
      actions: ['ssm:PutParameter'],
      resources: [
        Stack.of(scope).formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: imageTagParameter.slice(1),
          arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
        }),
      ],
    }),
  );
  return role;
}
