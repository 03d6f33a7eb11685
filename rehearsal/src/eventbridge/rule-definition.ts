import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';
import { type EventPattern, parseEventPattern } from './event-pattern';
import { parseSchedule, type Schedule } from './schedule';
import { parseTargetInput, type TargetInput } from './target-input';

/** Properties of `AWS::Events::Rule` that the engine acts on, or that cannot change its outcome. */
export const playedRuleProperties: readonly string[] = [
  'Name',
  'Description',
  'EventPattern',
  'ScheduleExpression',
  'State',
  'EventBusName',
  'Targets.Arn',
  'Targets.Id',
  'Targets.RoleArn',
  'Targets.Input',
  'Targets.InputPath',
  'Targets.InputTransformer',
  'Targets.SqsParameters',
  'Targets.DeadLetterConfig',
  // AWS tries again what is throttled or out of order for a while, and nothing here is.
  'Targets.RetryPolicy',
];

export interface RuleTarget {
  readonly id: string;
  /** Of the topic, the pipeline, … */
  readonly arn: string;
  /** Role that EventBridge takes; undefined where the target's own policy decides */
  readonly roleArn: string | undefined;
  readonly input: TargetInput;
  /** Whether an input transformer makes the input */
  readonly transformed: boolean;
  /** For a FIFO queue */
  readonly messageGroupId: string | undefined;
  /** ARN of the queue for what the target does not take */
  readonly deadLetterArn: string | undefined;
}

export interface RuleDefinition {
  readonly name: string;
  readonly arn: string;
  readonly logicalId: string;
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  /** Undefined for a rule that only has a schedule */
  readonly pattern: EventPattern | undefined;
  readonly schedule: Schedule | undefined;
  /** On the account's own bus, where AWS services put their events */
  readonly onDefaultBus: boolean;
  readonly enabled: boolean;
  readonly targets: readonly RuleTarget[];
}

const schema = z.object({
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  State: z
    .enum(['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'])
    .default('ENABLED'),
  EventBusName: z.string().default('default'),
  Targets: z
    .array(
      z.object({
        Id: z.string(),
        Arn: z.string(),
        RoleArn: z.string().optional(),
        Input: z.string().optional(),
        InputPath: z.string().optional(),
        InputTransformer: z
          .object({
            InputPathsMap: z.record(z.string(), z.string()).default({}),
            InputTemplate: z.string(),
          })
          .optional(),
        SqsParameters: z.object({ MessageGroupId: z.string() }).optional(),
        DeadLetterConfig: z.object({ Arn: z.string().optional() }).optional(),
        // Limits: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
        RetryPolicy: z
          .object({
            MaximumRetryAttempts: cfnNumber.pipe(z.number().min(0).max(185)).optional(),
            MaximumEventAgeInSeconds: cfnNumber.pipe(z.number().min(60).max(86_400)).optional(),
          })
          .optional(),
      }),
    )
    .default([]),
});

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html
 *
 * @throws RehearsalError `PropertyInvalid`, `EventPatternInvalid`, `ScheduleInvalid`,
 *   `InputTemplateInvalid` or `EventPathInvalid`
 */
export function readRule(resource: DeployedResource): RuleDefinition {
  const { logicalId, stack, physicalId, name = physicalId, attributes } = resource;
  const properties = readProperties(resource, schema);
  const where = `AWS::Events::Rule '${logicalId}' in stack '${stack}'`;
  const { EventPattern: pattern, ScheduleExpression: schedule } = properties;
  const onDefaultBus = properties.EventBusName.split('/').at(-1) === 'default';
  if (schedule !== undefined && !onDefaultBus) {
    throw new RehearsalError(
      'ScheduleInvalid',
      `${where}: ScheduleExpression is supported only on the default event bus, got the bus ${properties.EventBusName}.`,
    );
  }
  return {
    name,
    arn: attributes['Arn'] ?? '',
    logicalId,
    stack,
    account: resource.account,
    region: resource.region,
    pattern: pattern === undefined ? undefined : parseEventPattern(asJson(pattern), where),
    schedule: schedule === undefined ? undefined : parseSchedule(schedule, where),
    onDefaultBus,
    enabled: properties.State !== 'DISABLED',
    targets: properties.Targets.map((target) => ({
      id: target.Id,
      arn: target.Arn,
      roleArn: target.RoleArn,
      transformed: target.InputTransformer !== undefined,
      messageGroupId: target.SqsParameters?.MessageGroupId,
      deadLetterArn: target.DeadLetterConfig?.Arn,
      input: parseTargetInput(
        {
          input: target.Input,
          inputPath: target.InputPath,
          inputTransformer: target.InputTransformer && {
            pathsMap: target.InputTransformer.InputPathsMap,
            template: target.InputTransformer.InputTemplate,
          },
        },
        `${where}, target '${target.Id}'`,
      ),
    })),
  };
}

/** CloudFormation takes the pattern as JSON, or as text that holds it. */
function asJson(pattern: unknown): unknown {
  if (typeof pattern !== 'string') return pattern;
  try {
    return JSON.parse(pattern);
  } catch {
    return pattern;
  }
}
