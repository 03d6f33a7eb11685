import { SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledgeInlinePolicy, acknowledgeWildcard } from '../acknowledge';

export interface SlackChannel {
  readonly workspaceId: string;
  readonly channelId: string;
}

/**
 * A Slack channel that hears what the mails say, by Amazon Q Developer in chat applications (before:
 * AWS Chatbot), free of charge. It has a topic of its own, because the service shows alarms and
 * messages of its own format and drops plain text:
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export function createChatTopic(
  scope: Construct,
  key: IKey,
  configurationName: string,
  { workspaceId, channelId }: SlackChannel,
): Topic {
  const topic = new Topic(scope, 'ChatTopic', { enforceSSL: true, masterKey: key });
  new SlackChannelConfiguration(scope, 'SlackChannel', {
    slackChannelConfigurationName: configurationName,
    slackWorkspaceId: workspaceId,
    slackChannelId: channelId,
    notificationTopics: [topic],
    role: createChatRole(scope),
    // The most that anybody in the channel may do; the default would be administration.
    guardrailPolicies: [ManagedPolicy.fromAwsManagedPolicyName('CloudWatchReadOnlyAccess')],
  });
  return topic;
}

/** What the service needs to draw the graph of an alarm. */
function createChatRole(scope: Construct): Role {
  const role = new Role(scope, 'ChatRole', {
    description: 'Slack channel: shows alarms',
    assumedBy: new ServicePrincipal('chatbot.amazonaws.com'),
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'ShowAlarms',
      actions: ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
      resources: ['*'],
    }),
  );
  acknowledgeWildcard(
    role,
    '*',
    'GetMetricData has no resource type, so IAM accepts only *; both actions read: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html',
  );
  acknowledgeInlinePolicy(role);
  return role;
}
