import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { TopicDefinition } from './topic-definition';
import { topicKey } from './topic-key';

export interface PublishAccess {
  readonly authorizer: Authorizer;
  readonly resources: DeployedResources;
  /** Called with a sentence about a key whose policy nobody here knows */
  readonly onUnknownKey: (sentence: string) => void;
}

/**
 * Why the policy of a topic, or of the key that encrypts it, keeps a publisher out.
 *
 * @returns undefined when both let it in
 */
export function publishRefusal(
  topic: TopicDefinition,
  caller: Caller,
  { authorizer, resources, onUnknownKey }: PublishAccess,
): string | undefined {
  const context = sourceOf(caller);
  const decision = authorizer.authorize({
    caller,
    action: 'sns:Publish',
    resource: topic.arn,
    context,
  });
  if (!decision.allowed) return decision.message;
  if (topic.keyId === undefined) return undefined;
  const key = topicKey(topic.keyId, resources);
  if (key.kind === 'unknown') {
    onUnknownKey(
      `topic '${topic.logicalId}' in stack '${topic.stack}' is encrypted with the key ${topic.keyId}, which no deployed stack defines: whether its policy lets publishers use it is not known`,
    );
    return undefined;
  }
  const [, , , region = '', account = ''] = topic.arn.split(':');
  const resource =
    key.kind === 'customer' ? key.arn : `arn:aws:kms:${region}:${account}:alias/aws/sns`;
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    const answer = authorizer.authorize({ caller, action, resource, context });
    if (!answer.allowed) return `the topic is encrypted: ${answer.message}`;
  }
  return undefined;
}

/**
 * How the publisher's source is named to the policies of the topic and of its key. CloudWatch names
 * it, and its owner, for whom the default policy of a topic asks. EventBridge names nothing: neither
 * policy can have a condition on the rule or on its account.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
function sourceOf(caller: Caller): Record<string, string | undefined> {
  if (caller.kind === 'role') return { 'aws:SourceOwner': caller.roleArn.split(':')[4] ?? '' };
  if (caller.kind !== 'service') return {};
  if (caller.service === 'events.amazonaws.com') {
    return {
      'aws:SourceArn': undefined,
      'aws:SourceAccount': undefined,
      'aws:SourceOwner': undefined,
    };
  }
  const isCloudWatch = caller.service === 'cloudwatch.amazonaws.com';
  return { 'aws:SourceOwner': isCloudWatch ? caller.sourceArn?.split(':')[4] : undefined };
}
