import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import { Artifact, ExecutionMode, Pipeline, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { createArtifactBucket } from './artifact-bucket';
import { createBuildProject, createStartBuildRole } from './build-project';
import {
  checkPipelineProps,
  type CicdPipelineStackProps,
  notificationAddresses,
  slackChannel,
} from './cicd-pipeline-stack-props';
import { createDeployAction } from './deploy-action';
import { createEncryptionKey } from './encryption-key';
import { createLogBucket } from './log-bucket';
import { createMonitoring } from './monitoring/monitoring';
import { createRecordReleaseAction } from './record-release-action';
import { createPipelineRole } from './pipeline-roles';
import { warnAboutPlaceholders } from './placeholders';
import { IMAGE_DEFINITIONS_FILE } from './resource-names';
import { createSourceAction, createWebhook } from './source-action';

export type { CicdPipelineStackProps } from './cicd-pipeline-stack-props';

/** From a push on GitHub to the running service, and a word to somebody when that fails. */
export class CicdPipelineStack extends Stack {
  public readonly pipeline: Pipeline;
  public readonly notificationTopic: Topic;

  /**
   * @throws InvalidPropertyError when a property cannot work, naming the property, what is allowed and what was given
   */
  constructor(scope: Construct, id: string, props: CicdPipelineStackProps) {
    checkPipelineProps(props);
    const { stack } = props;
    const { names, hardening } = stack;
    super(scope, id, { terminationProtection: hardening.deletionProtection, ...props });
    this.addStackDependency(stack);
    warnAboutPlaceholders(this, props);

    const encryptionKey = hardening.kmsEncryption
      ? createEncryptionKey(this, `Logs, artifacts and webhook secret of ${names.pipeline}`)
      : undefined;
    const logBucket = hardening.accessLogs
      ? createLogBucket(this, hardening.trafficLogRetention)
      : undefined;
    const artifactBucket = createArtifactBucket(this, encryptionKey, logBucket);
    const access = { role: createPipelineRole(this, artifactBucket), artifactBucket };
    this.pipeline = new Pipeline(this, 'Pipeline', {
      pipelineName: names.pipeline,
      pipelineType: PipelineType.V2,
      // A newer push overtakes those that still wait between stages.
      executionMode: ExecutionMode.SUPERSEDED,
      artifactBucket,
      role: access.role.withoutPolicyUpdates(),
    });

    const sourceOutput = new Artifact('Source');
    const buildOutput = new Artifact('Build');
    this.pipeline.addStage({
      stageName: 'Source',
      actions: [
        createSourceAction(this, access, {
          owner: props.githubOwner,
          repo: props.githubRepo,
          branch: props.githubBranch,
          connectionArn: props.connectionArn,
          tokenSecretName: props.githubTokenSecretName ?? names.githubTokenSecret,
          output: sourceOutput,
        }),
      ],
    });
    if (props.connectionArn === undefined) createWebhook(this, this.pipeline, encryptionKey);

    const buildProject = createBuildProject(this, {
      names,
      repository: stack.ecrRepository,
      artifactBucket,
      cpuArchitecture: stack.cpuArchitecture,
      buildArchitecture: props.buildArchitecture ?? stack.cpuArchitecture,
      encryptionKey,
    });
    this.pipeline.addStage({
      stageName: 'Build_and_Test',
      actions: [
        new CodeBuildAction({
          actionName: 'Build_and_Test',
          project: buildProject,
          // Without policy updates: the action would add what stopping a build takes.
          role: createStartBuildRole(this, access, buildProject).withoutPolicyUpdates(),
          input: sourceOutput,
          outputs: [buildOutput],
          // Lets an action of yours say #{BuildVariables.IMAGE_TAG}, a manual approval for one.
          variablesNamespace: 'BuildVariables',
        }),
      ],
    });
    const imageFile = buildOutput.atPath(IMAGE_DEFINITIONS_FILE);
    const deploy = createDeployAction(this, access, stack, imageFile);
    const record = createRecordReleaseAction(this, access, names, buildOutput, encryptionKey);
    this.pipeline.addStage({ stageName: 'Deploy', actions: [deploy, record] });

    this.notificationTopic = createMonitoring(this, {
      names,
      pipeline: this.pipeline,
      actions: {
        deploy: deploy.actionProperties.actionName,
        record: record.actionProperties.actionName,
      },
      addresses: notificationAddresses(props),
      slackChannel: slackChannel(props),
      encryptionKey,
    });

    new CfnOutput(this, 'PipelineName', {
      description: 'Release pipeline',
      value: this.pipeline.pipelineName,
    });
    new CfnOutput(this, 'NotificationTopicArn', {
      description: 'Topic that hears of failures',
      value: this.notificationTopic.topicArn,
    });
  }
}
