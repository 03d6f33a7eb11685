import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnBoolean, readProperties } from '../cloudformation/read-properties';

/** Properties of `AWS::SQS::Queue` that the engine acts on, or that only receivers notice. */
export const playedQueueProperties: readonly string[] = [
  'QueueName',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
  // Nobody receives messages in a rehearsal.
  'DelaySeconds',
  'FifoThroughputLimit',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'VisibilityTimeout',
];

export const playedQueuePolicyProperties: readonly string[] = ['PolicyDocument', 'Queues'];

export interface QueueDefinition {
  readonly name: string;
  readonly arn: string;
  readonly logicalId: string;
  readonly stack: string;
  /** Undefined for a queue with messages in any order */
  readonly fifo:
    | { readonly contentBasedDeduplication: boolean; readonly scope: 'messageGroup' | 'queue' }
    | undefined;
  /** Id, ARN or alias of the KMS key; undefined where SQS encrypts with a key of its own, or not */
  readonly keyId: string | undefined;
}

const schema = z.object({
  FifoQueue: cfnBoolean.default(false),
  ContentBasedDeduplication: cfnBoolean.default(false),
  DeduplicationScope: z.enum(['messageGroup', 'queue']).default('queue'),
  KmsMasterKeyId: z.string().optional(),
});

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html
 *
 * @throws RehearsalError `PropertyInvalid`
 */
export function readQueue(resource: DeployedResource): QueueDefinition {
  const { FifoQueue, ContentBasedDeduplication, DeduplicationScope, KmsMasterKeyId } =
    readProperties(resource, schema);
  return {
    name: resource.name ?? resource.physicalId.split('/').at(-1) ?? '',
    arn: resource.attributes['Arn'] ?? '',
    logicalId: resource.logicalId,
    stack: resource.stack,
    fifo: FifoQueue
      ? { contentBasedDeduplication: ContentBasedDeduplication, scope: DeduplicationScope }
      : undefined,
    keyId: KmsMasterKeyId === '' ? undefined : KmsMasterKeyId,
  };
}
