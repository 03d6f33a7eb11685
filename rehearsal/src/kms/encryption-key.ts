import type { DeployedResources } from '../cloudformation/deployed-resource';

/** What is known of the key that encrypts a topic or a queue. */
export type EncryptionKey =
  | { readonly kind: 'customer'; readonly arn: string }
  /** e.g. `alias/aws/sns`: its policy cannot be changed, and it lets in no other service */
  | { readonly kind: 'aws-managed'; readonly alias: string }
  /** Not part of the deployed stacks, so that nobody here knows its policy */
  | { readonly kind: 'unknown' };

/**
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 *
 * @param keyId id, ARN, alias name or alias ARN
 */
export function encryptionKey(keyId: string, resources: DeployedResources): EncryptionKey {
  const alias = /(?:^|:)(alias\/.+)$/.exec(keyId)?.[1];
  if (alias?.startsWith('alias/aws/')) return { kind: 'aws-managed', alias };
  const target =
    alias === undefined
      ? keyId
      : resources.find('AWS::KMS::Alias', alias)?.properties['TargetKeyId'];
  const key = typeof target === 'string' ? resources.find('AWS::KMS::Key', target) : undefined;
  const arn = key?.attributes['Arn'];
  return arn === undefined ? { kind: 'unknown' } : { kind: 'customer', arn };
}
