import type { Caller } from '../iam/authorizer';
import { type KeyAccess, keyRefusal } from '../kms/key-access';
import type { TopicDefinition } from './topic-definition';

/**
 * Why the policy of a topic, or of the key that encrypts it, keeps a publisher out.
 *
 * @returns undefined when both let it in
 */
export function publishRefusal(
  topic: TopicDefinition,
  caller: Caller,
  access: KeyAccess,
): string | undefined {
  const context = sourceOf(caller);
  const decision = access.authorizer.authorize({
    caller,
    action: 'sns:Publish',
    resource: topic.arn,
    context,
  });
  return decision.allowed ? keyRefusal('topic', topic, caller, access, context) : decision.message;
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
