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
  'AWS::SQS::QueuePolicy': {
    property: 'PolicyDocument',
    arnsOf: ({ properties }) => listOf(properties.Queues).map((url) => queueArn(String(url))),
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
  // Such a policy belongs to the account; each of its statements names the log groups it is for.
  'AWS::Logs::ResourcePolicy': {
    property: 'PolicyDocument',
    arnsOf: ({ region, account }) => [`arn:${partitionOf(region)}:logs:${region}:${account}`],
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
      const value = resource.properties[property];
      if (value === undefined) continue;
      const json = typeof value === 'string' ? parsed(value) : value;
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

/** The ARN whose policy protects a resource: its own, for an object its bucket's, for logs the account's. */
export function policyHolder(arn: string): string {
  if (/^arn:[^:]+:logs:/.test(arn)) return arn.split(':').slice(0, 5).join(':');
  return /^arn:[^:]+:s3:/.test(arn) ? arn.replace(/\/.*$/, '') : arn;
}

/** @param url `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`, by which templates name queues */
function queueArn(url: string): string {
  const [, region = '', account = '', name = ''] =
    /^https:\/\/sqs\.([^.]+)\.[^/]+\/(\d+)\/(.+)$/.exec(url) ?? [];
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

/** Policies of log groups are JSON text in templates. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
