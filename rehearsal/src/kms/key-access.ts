import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { AccessRequest, Authorizer, Caller } from '../iam/authorizer';
import { encryptionKey } from './encryption-key';

export interface KeyAccess {
  readonly authorizer: Authorizer;
  readonly resources: DeployedResources;
  /** Called with a sentence about a key whose policy nobody here knows */
  readonly onUnknownKey: (sentence: string) => void;
}

/** A topic or a queue that is encrypted with KMS. */
export interface Encrypted {
  readonly arn: string;
  readonly keyId: string | undefined;
  readonly logicalId: string;
  readonly stack: string;
}

/**
 * Why the policy of the key keeps somebody out who sends to an encrypted topic or queue. The key
 * that AWS manages lets in roles of the account, and no service.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 *
 * @param kind `topic` or `queue`
 * @param context condition keys that the caller's service sends, or does not
 * @returns undefined when it lets the sender in, and when there is no key
 */
export function keyRefusal(
  kind: 'topic' | 'queue',
  { arn, keyId, logicalId, stack }: Encrypted,
  caller: Caller,
  { authorizer, resources, onUnknownKey }: KeyAccess,
  context: NonNullable<AccessRequest['context']> = {},
): string | undefined {
  if (keyId === undefined) return undefined;
  const key = encryptionKey(keyId, resources);
  if (key.kind === 'unknown') {
    onUnknownKey(
      `${kind} '${logicalId}' in stack '${stack}' is encrypted with the key ${keyId}, which no deployed stack defines: whether its policy lets publishers use it is not known`,
    );
    return undefined;
  }
  if (key.kind === 'aws-managed' && caller.kind === 'role') return undefined;
  const [, partition = 'aws', , region = '', account = ''] = arn.split(':');
  const resource =
    key.kind === 'customer' ? key.arn : `arn:${partition}:kms:${region}:${account}:${key.alias}`;
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    const decision = authorizer.authorize({ caller, action, resource, context });
    if (!decision.allowed) return `the ${kind} is encrypted: ${decision.message}`;
  }
  return undefined;
}
