import { z } from 'zod';
import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { cfnBoolean, readProperties } from '../cloudformation/read-properties';
import { type EventPattern, parseEventPattern } from '../eventbridge/event-pattern';

/** Properties of `AWS::SNS::Topic` that the engine acts on, or that cannot change its outcome. */
export const playedTopicProperties: readonly string[] = [
  'TopicName',
  'DisplayName',
  'KmsMasterKeyId',
  'Subscription',
  'SignatureVersion',
];

export const playedTopicPolicyProperties: readonly string[] = ['PolicyDocument', 'Topics'];

export const playedSubscriptionProperties: readonly string[] = [
  'TopicArn',
  'Protocol',
  'Endpoint',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'Region',
];

export interface Subscription {
  readonly arn: string;
  /** e.g. `email`, `email-json`, `https` */
  readonly protocol: string;
  readonly endpoint: string;
  /** Undefined where every message is wanted */
  readonly filter: { readonly pattern: EventPattern; readonly onBody: boolean } | undefined;
  /** Whether a queue gets the message alone */
  readonly raw: boolean;
  /** ARN of the queue for what the endpoint does not take */
  readonly deadLetterArn: string | undefined;
}

export interface TopicDefinition {
  readonly arn: string;
  readonly name: string;
  readonly logicalId: string;
  readonly stack: string;
  readonly region: string;
  /** Name of the sender in mails */
  readonly displayName: string | undefined;
  /** Id, ARN or alias of the key; undefined for a topic that is not encrypted with KMS */
  readonly keyId: string | undefined;
  readonly subscriptions: readonly Subscription[];
}

const topicSchema = z.object({
  DisplayName: z.string().optional(),
  KmsMasterKeyId: z.string().optional(),
  FifoTopic: cfnBoolean.default(false),
  Subscription: z.array(z.object({ Protocol: z.string(), Endpoint: z.string() })).default([]),
});

/** JSON, or text that holds it. */
const redrivePolicy = z.preprocess(
  (value) => (typeof value === 'string' ? asJson(value) : value),
  z.object({ deadLetterTargetArn: z.string() }),
);

const subscriptionSchema = z.object({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string().default(''),
  FilterPolicy: z.record(z.string(), z.unknown()).optional(),
  FilterPolicyScope: z.enum(['MessageAttributes', 'MessageBody']).default('MessageAttributes'),
  RawMessageDelivery: cfnBoolean.default(false),
  RedrivePolicy: redrivePolicy.optional(),
});

/** Of a subscription that only says who it is for. */
export const WITHOUT_SETTINGS = {
  filter: undefined,
  raw: false,
  deadLetterArn: undefined,
} as const;

/**
 * All topics with their subscriptions.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
 *
 * @throws RehearsalError `PropertyInvalid` or `EventPatternInvalid`
 */
export function readTopics(resources: DeployedResources): TopicDefinition[] {
  const subscriptions = resources
    .ofType('AWS::SNS::Subscription')
    .map((resource) => readSubscription(resource));
  return resources.ofType('AWS::SNS::Topic').map((resource) => {
    const { DisplayName, KmsMasterKeyId, Subscription } = readProperties(resource, topicSchema);
    const arn = resource.physicalId;
    const own = Subscription.map(({ Protocol, Endpoint }, index) => ({
      arn: `${arn}:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      protocol: Protocol,
      endpoint: Endpoint,
      ...WITHOUT_SETTINGS,
    }));
    return {
      arn,
      name: resource.name ?? arn.split(':').at(-1) ?? '',
      logicalId: resource.logicalId,
      stack: resource.stack,
      region: resource.region,
      displayName: DisplayName,
      keyId: KmsMasterKeyId,
      subscriptions: [
        ...own,
        ...subscriptions.filter(({ topicArn }) => topicArn === arn).map(({ own: item }) => item),
      ],
    };
  });
}

function readSubscription(resource: DeployedResource): { topicArn: string; own: Subscription } {
  const read = readProperties(resource, subscriptionSchema);
  const { TopicArn, Protocol, Endpoint, FilterPolicy, FilterPolicyScope } = read;
  const where = `FilterPolicy of AWS::SNS::Subscription '${resource.logicalId}' in stack '${resource.stack}'`;
  return {
    topicArn: TopicArn,
    own: {
      arn: resource.physicalId,
      protocol: Protocol,
      endpoint: Endpoint,
      filter: FilterPolicy && {
        pattern: parseEventPattern(FilterPolicy, where),
        onBody: FilterPolicyScope === 'MessageBody',
      },
      raw: read.RawMessageDelivery,
      deadLetterArn: read.RedrivePolicy?.deadLetterTargetArn,
    },
  };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
