import type { StackProps } from 'aws-cdk-lib/core';
import type { CdkStack } from './cdk-stack';
import { ARCHITECTURES, type ServiceArchitecture } from './cdk-stack-props';
import { checkOneOf, checkPattern } from './check-props';

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

/** @throws InvalidPropertyError naming the property, what is allowed and what was given */
export function checkPipelineProps(props: CicdPipelineStackProps): void {
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
