import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import type { AwsEvent } from '../../src/events';
import { AccessControl } from '../../src/iam/access-control';
import { type NotificationDependencies, Notifications } from '../../src/notifications';
import { EmailOutbox } from '../../src/sns/email-outbox';
import { deployedResource } from './deployed-resource';
import { ManualClock } from './manual-clock';
import { recordingEvents } from './recording-events';

const PLACE = 'ap-northeast-2:000000000000';
export const TOPIC_ARN = `arn:aws:sns:${PLACE}:alerts`;
export const RULE_ARN = `arn:aws:events:${PLACE}:rule/failed`;
export const ALARM_ARN = `arn:aws:cloudwatch:${PLACE}:alarm:pipeline-failed`;
export const KEY_ARN = `arn:aws:kms:${PLACE}:key/k-1`;

export const pipeline = (type = 'V2') =>
  deployedResource(
    'AWS::CodePipeline::Pipeline',
    { PipelineType: type },
    { physicalId: 'api', name: 'api', logicalId: 'Pipeline' },
  );

export const topic = (properties: Record<string, unknown> = {}) =>
  deployedResource('AWS::SNS::Topic', properties, {
    physicalId: TOPIC_ARN,
    name: 'alerts',
    logicalId: 'Topic',
    attributes: { TopicArn: TOPIC_ARN },
  });

export const topicPolicy = (...services: readonly string[]) =>
  deployedResource('AWS::SNS::TopicPolicy', {
    Topics: [TOPIC_ARN],
    PolicyDocument: {
      Statement: services.map((Service) => ({
        Effect: 'Allow',
        Principal: { Service },
        Action: 'sns:Publish',
        Resource: TOPIC_ARN,
      })),
    },
  });

export const bothPublishers = () => topicPolicy('events.amazonaws.com', 'cloudwatch.amazonaws.com');

export const emailTo = (endpoint: string, properties: Record<string, unknown> = {}) =>
  deployedResource(
    'AWS::SNS::Subscription',
    { TopicArn: TOPIC_ARN, Protocol: 'email', Endpoint: endpoint, ...properties },
    { physicalId: `${TOPIC_ARN}:s-1`, logicalId: 'Subscription' },
  );

export const failedRule = (pattern: unknown = {}, target: Record<string, unknown> = {}) =>
  deployedResource(
    'AWS::Events::Rule',
    {
      EventPattern: {
        source: ['aws.codepipeline'],
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { state: ['FAILED'] },
        ...(pattern as object),
      },
      Targets: [
        {
          Id: 'Target0',
          Arn: TOPIC_ARN,
          InputTransformer: {
            InputPathsMap: { pipeline: '$.detail.pipeline' },
            InputTemplate: '"Release failed: pipeline <pipeline>."',
          },
          ...target,
        },
      ],
    },
    { physicalId: 'failed', name: 'failed', logicalId: 'Rule', attributes: { Arn: RULE_ARN } },
  );

export const pipelineAlarm = (properties: Record<string, unknown> = {}) =>
  deployedResource(
    'AWS::CloudWatch::Alarm',
    {
      AlarmName: 'pipeline-failed',
      Namespace: 'AWS/CodePipeline',
      MetricName: 'FailedPipelineExecutions',
      Dimensions: [{ Name: 'PipelineName', Value: 'api' }],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [TOPIC_ARN],
      ...properties,
    },
    {
      physicalId: 'pipeline-failed',
      name: 'pipeline-failed',
      logicalId: 'Alarm',
      attributes: { Arn: ALARM_ARN },
    },
  );

/** A key that services may use to send to what it encrypts. */
export const keyFor = (...services: readonly string[]) =>
  deployedResource(
    'AWS::KMS::Key',
    {
      KeyPolicy: {
        Statement: services.map((Service) => ({
          Effect: 'Allow',
          Principal: { Service },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          Resource: '*',
        })),
      },
    },
    { physicalId: 'k-1', logicalId: 'Key', attributes: { Arn: KEY_ARN, KeyId: 'k-1' } },
  );

/** A role without permissions that a service may take. */
export const roleFor = (arn: string, service: string) =>
  deployedResource(
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      },
    },
    { physicalId: arn.split('/').at(-1)!, logicalId: 'Role', attributes: { Arn: arn } },
  );

/** As CodePipeline tells of an execution. */
export const executionEvent = (state: string, time: number): AwsEvent => ({
  kind: 'aws',
  source: 'aws.codepipeline',
  'detail-type': 'CodePipeline Pipeline Execution State Change',
  account: '000000000000',
  region: 'ap-northeast-2',
  time: new Date(time).toISOString(),
  resources: [`arn:aws:codepipeline:${PLACE}:api`],
  detail: {
    pipeline: 'api',
    'execution-id': 'e-1',
    'start-time': new Date(time - 90_000).toISOString(),
    state,
    version: 1,
  },
});

/** Notifications of a stack with these resources, and what is needed to make them happen. */
export function startNotifications(
  directory: string,
  resources: readonly DeployedResource[],
  services: NotificationDependencies['services'] = () => [],
) {
  const clock = new ManualClock();
  const { stream, events } = recordingEvents();
  const stacks = new DeployedStacks([
    {
      id: 'TestStack',
      name: 'TestStack',
      account: '000000000000',
      region: 'ap-northeast-2',
      outputs: {},
      exports: {},
      resources,
    },
  ]);
  const authorizer = new AccessControl(stacks);
  const notifications = Notifications.start(stacks, {
    clock,
    events: stream,
    authorizer,
    outbox: new EmailOutbox(directory),
    services,
  });
  const execution = (state: string) => stream.emit(executionEvent(state, clock.now()));
  const unproven = () =>
    events.flatMap((event) => (event.kind === 'unproven' ? [event.message] : []));
  return { clock, stream, events, notifications, execution, unproven, authorizer };
}
