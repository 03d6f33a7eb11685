import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { partitionOf } from '../cloudformation/resource-namer';
import { type PolicyDocument, readPolicyDocument } from './policy-document';

/** Where each type keeps a resource-based policy, and which resources it is for. */
const POLICY_HOLDERS: Readonly<
  Record<string, { property: string; arnsOf: (resource: DeployedResource) => readonly unknown[] }>
> = {
  'AWS::SNS::TopicPolicy': {
    property: 'PolicyDocument',
    arnsOf: ({ properties }) => listOf(properties.Topics),
  },
  'AWS::S3::BucketPolicy': {
    property: 'PolicyDocument',
    arnsOf: ({ properties, region }) => [
      `arn:${partitionOf(region)}:s3:::${String(properties.Bucket)}`,
    ],
  },
  'AWS::ECR::Repository': {
    property: 'RepositoryPolicyText',
    arnsOf: ({ attributes }) => [attributes.Arn],
  },
  'AWS::SecretsManager::ResourcePolicy': {
    property: 'ResourcePolicy',
    arnsOf: ({ properties }) => [properties.SecretId],
  },
  'AWS::KMS::Key': { property: 'KeyPolicy', arnsOf: ({ attributes }) => [attributes.Arn] },
};

/** Resource-based policies by the ARN of the resource that they protect. */
export function readResourcePolicies(
  resources: DeployedResources,
): ReadonlyMap<string, readonly PolicyDocument[]> {
  const policies = new Map<string, PolicyDocument[]>();
  for (const [type, { property, arnsOf }] of Object.entries(POLICY_HOLDERS)) {
    for (const resource of resources.ofType(type)) {
      const json = resource.properties[property];
      if (json === undefined) continue;
      const where = `${property} of ${type} '${resource.logicalId}' in stack '${resource.stack}'`;
      const { stack, logicalId } = resource;
      const document = readPolicyDocument(json, where, { stack, logicalId, path: [property] });
      for (const arn of arnsOf(resource).map(String)) {
        policies.set(arn, [...(policies.get(arn) ?? []), document]);
      }
    }
  }
  for (const topic of resources.ofType('AWS::SNS::Topic')) {
    if (!policies.has(topic.physicalId))
      policies.set(topic.physicalId, [defaultTopicPolicy(topic)]);
  }
  return policies;
}

/**
 * What SNS gives to a topic that no policy was written for: publishers of its own account. A policy
 * of one's own replaces it.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
 */
function defaultTopicPolicy({ physicalId, account, logicalId }: DeployedResource): PolicyDocument {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: 'sns:Publish',
    Resource: physicalId,
    Condition: { StringEquals: { 'aws:SourceOwner': account } },
  };
  return readPolicyDocument({ Statement: [statement] }, `the default policy of '${logicalId}'`);
}

/** The ARN whose policy protects a resource: its own, and for an object that of its bucket. */
export function policyHolder(arn: string): string {
  return /^arn:[^:]+:s3:/.test(arn) ? arn.replace(/\/.*$/, '') : arn;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
