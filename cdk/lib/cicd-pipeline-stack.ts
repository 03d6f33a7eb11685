import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib/core';
import { Artifact, ExecutionMode, Pipeline, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { CodeBuildAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { createArtifactBucket } from './artifact-bucket';
import { createBuildProject } from './build-project';
import type { CdkStack } from './cdk-stack';
import { ARCHITECTURES, type ServiceArchitecture } from './cdk-stack-props';
import { checkOneOf, checkPattern } from './check-props';
import { createDeployAction } from './deploy-action';
import {
  createNotificationTopic,
  createPipelineFailedAlarm,
  notifyFailedExecutions,
} from './failure-notifications';
import { createRecordReleaseAction } from './record-release-action';
import { createActionRole, createPipelineRole } from './pipeline-roles';
import { warnAboutPlaceholders } from './placeholders';
import { IMAGE_DEFINITIONS_FILE } from './resource-names';
import { createSourceAction, createWebhook } from './source-action';

export interface CicdPipelineStackProps extends StackProps {
  /** The service to release to; names and architecture come from it. */
  readonly stack: CdkStack;

  /** GitHub user or organisation. */
  readonly githubOwner: string;

  /** Repository name without the owner. */
  readonly githubRepo: string;

  /** A push to this branch is a release. */
  readonly githubBranch: string;

  /**
   * Who hears of failures. SNS sends a mail that has to be confirmed first.
   *
   * @default - nobody; the topic exists and can be subscribed to
   */
  readonly notificationEmail?: string;

  /**
   * ARN of a CodeConnections connection to GitHub. It is what AWS recommends, and no token lies in
   * the account; somebody has to authorize it once in the console.
   *
   * @default - the token in the secret named by `githubTokenSecretName`
   */
  readonly connectionArn?: string;

  /**
   * Secrets Manager secret with a GitHub token (classic: `repo` and `admin:repo_hook`) as its text.
   *
   * @default 'dev/<app name>/github-token-v2'
   */
  readonly githubTokenSecretName?: string;

  /**
   * Processor of the build machine. The Dockerfile needs no emulation, so either can build for
   * either; choose X86_64 in a region where CodeBuild has no ARM machines.
   *
   * @default - the service's architecture
   */
  readonly buildArchitecture?: ServiceArchitecture;
}

/** From a push on GitHub to the running service, and a word to somebody when that fails. */
export class CicdPipelineStack extends Stack {
  public readonly pipeline: Pipeline;
  public readonly notificationTopic: Topic;

  /**
   * @throws InvalidPropertyError when a property cannot work, naming the property, what is allowed and what was given
   */
  constructor(scope: Construct, id: string, props: CicdPipelineStackProps) {
    super(scope, id, props);
    checkProps(props);
    const { stack } = props;
    const { names } = stack;
    this.addStackDependency(stack);
    warnAboutPlaceholders(this, props);

    const artifactBucket = createArtifactBucket(this);
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
    if (props.connectionArn === undefined) createWebhook(this, this.pipeline);

    this.pipeline.addStage({
      stageName: 'Build_and_Test',
      actions: [
        new CodeBuildAction({
          actionName: 'Build_and_Test',
          project: createBuildProject(this, {
            names,
            repository: stack.ecrRepository,
            artifactBucket,
            cpuArchitecture: stack.cpuArchitecture,
            buildArchitecture: props.buildArchitecture ?? stack.cpuArchitecture,
          }),
          role: createActionRole(
            this,
            'StartBuildRole',
            'Build_and_Test: starts one project',
            access,
          ),
          input: sourceOutput,
          outputs: [buildOutput],
          // Lets an action of yours say #{BuildVariables.IMAGE_TAG}, a manual approval for one.
          variablesNamespace: 'BuildVariables',
        }),
      ],
    });
    this.pipeline.addStage({
      stageName: 'Deploy',
      actions: [
        createDeployAction(this, access, stack, buildOutput.atPath(IMAGE_DEFINITIONS_FILE)),
        createRecordReleaseAction(this, access, names, buildOutput),
      ],
    });

    this.notificationTopic = createNotificationTopic(this, props.notificationEmail);
    notifyFailedExecutions(this.pipeline, this.notificationTopic);
    createPipelineFailedAlarm(
      this,
      names.pipelineFailedAlarm,
      this.pipeline,
      this.notificationTopic,
    );

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

function checkProps(props: CicdPipelineStackProps): void {
  checkPattern(
    'githubOwner',
    props.githubOwner,
    /^[A-Za-z0-9](?:[A-Za-z0-9-_]{0,38})$/,
    'a GitHub user or organisation without a slash',
  );
  checkPattern(
    'githubRepo',
    props.githubRepo,
    /^(?!.*\.git$)[\w.-]{1,100}$/,
    'a repository name without owner, slash or .git',
  );
  checkPattern(
    'githubBranch',
    props.githubBranch,
    /^(?!refs\/)[^\s~^:?*[\\]+$/,
    'a branch name such as main',
  );
  if (props.notificationEmail !== undefined) {
    checkPattern(
      'notificationEmail',
      props.notificationEmail,
      /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
      'one e-mail address',
    );
  }
  if (props.connectionArn !== undefined) {
    checkPattern(
      'connectionArn',
      props.connectionArn,
      /^arn:[\w-]+:(?:codestar-connections|codeconnections):[\w-]+:\d{12}:connection\/[\w-]+$/,
      'arn:aws:codeconnections:REGION:ACCOUNT:connection/ID',
    );
  }
  if (props.buildArchitecture !== undefined) {
    checkOneOf('buildArchitecture', props.buildArchitecture, ARCHITECTURES);
  }
}
