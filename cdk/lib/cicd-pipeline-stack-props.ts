import type { StackProps } from 'aws-cdk-lib/core';
import type { CdkStack } from './cdk-stack';
import { ARCHITECTURES, type ServiceArchitecture } from './cdk-stack-props';
import { checkOneOf, checkPattern, InvalidPropertyError } from './check-props';
import type { SlackChannel } from './monitoring/chat';

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
   * Further addresses. Each gets a mail of its own to confirm.
   *
   * @default - nobody else
   */
  readonly notificationEmails?: readonly string[];

  /**
   * Slack workspace whose channel hears the same, e.g. T012ABCDEFG. Somebody has to let Amazon Q
   * Developer in chat applications into the workspace first, in its console; it is free.
   *
   * @default - no chat
   */
  readonly slackWorkspaceId?: string;

  /**
   * The channel in it, e.g. C012ABCDEFG; a private one has to invite @Amazon Q.
   *
   * @default - no chat
   */
  readonly slackChannelId?: string;

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
  checkAddresses(props);
  checkSlackChannel(props);
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

/** All that get mails, in the order given. */
export function notificationAddresses(props: CicdPipelineStackProps): string[] {
  const { notificationEmail, notificationEmails = [] } = props;
  return [...(notificationEmail === undefined ? [] : [notificationEmail]), ...notificationEmails];
}

/** Undefined when no chat is wanted. */
export function slackChannel(props: CicdPipelineStackProps): SlackChannel | undefined {
  const { slackWorkspaceId: workspaceId, slackChannelId: channelId } = props;
  return workspaceId !== undefined && channelId !== undefined
    ? { workspaceId, channelId }
    : undefined;
}

function checkAddresses(props: CicdPipelineStackProps): void {
  const seen = new Set<string>();
  for (const address of notificationAddresses(props)) {
    const property =
      address === props.notificationEmail ? 'notificationEmail' : 'notificationEmails';
    checkPattern(property, address, /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, 'one e-mail address');
    const folded = address.toLowerCase();
    if (seen.has(folded)) {
      throw new InvalidPropertyError(
        `'notificationEmails' should name each address once, beside 'notificationEmail', got: '${address}' twice`,
      );
    }
    seen.add(folded);
  }
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-chatbot-slackchannelconfiguration.html */
function checkSlackChannel({ slackWorkspaceId, slackChannelId }: CicdPipelineStackProps): void {
  if (slackWorkspaceId === undefined && slackChannelId === undefined) return;
  checkPattern(
    'slackWorkspaceId',
    slackWorkspaceId ?? '',
    /^[0-9A-Z]{1,255}$/,
    "the workspace's id such as T012ABCDEFG, together with 'slackChannelId'",
  );
  checkPattern(
    'slackChannelId',
    slackChannelId ?? '',
    /^[A-Za-z0-9]{1,255}$/,
    "the channel's id such as C012ABCDEFG, together with 'slackWorkspaceId'",
  );
}
