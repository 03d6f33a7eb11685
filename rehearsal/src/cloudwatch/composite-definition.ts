import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnBoolean, cfnNumber, readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';
import type { NotifyingAlarm } from './alarm-actions';
import { type AlarmRule, AlarmRuleProblem, parseAlarmRule } from './alarm-rule';

/** Properties of `AWS::CloudWatch::CompositeAlarm` that the engine acts on, or that cannot change its outcome. */
export const playedCompositeAlarmProperties: readonly string[] = [
  'ActionsEnabled',
  'ActionsSuppressor',
  'ActionsSuppressorExtensionPeriod',
  'ActionsSuppressorWaitPeriod',
  'AlarmActions',
  'AlarmDescription',
  'AlarmName',
  'AlarmRule',
  'InsufficientDataActions',
  'OKActions',
];

/** The alarm that keeps a composite one from acting while it is in ALARM. */
export interface Suppressor {
  /** Name or ARN */
  readonly alarm: string;
  /** How long the composite alarm waits for it to go off */
  readonly waitSeconds: number;
  /** How long its calm lasts on after it went off */
  readonly extensionSeconds: number;
}

export interface CompositeDefinition extends NotifyingAlarm {
  readonly rule: AlarmRule;
  readonly suppressor: Suppressor | undefined;
}

const schema = z
  .object({
    AlarmRule: z.string(),
    AlarmDescription: z.string().optional(),
    ActionsEnabled: cfnBoolean.default(true),
    AlarmActions: z.array(z.string()).default([]),
    OKActions: z.array(z.string()).default([]),
    InsufficientDataActions: z.array(z.string()).default([]),
    ActionsSuppressor: z.string().optional(),
    ActionsSuppressorWaitPeriod: cfnNumber.optional(),
    ActionsSuppressorExtensionPeriod: cfnNumber.optional(),
  })
  .refine(
    (one) =>
      one.ActionsSuppressor === undefined ||
      (one.ActionsSuppressorWaitPeriod !== undefined &&
        one.ActionsSuppressorExtensionPeriod !== undefined),
    {
      message:
        'expected ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod beside ActionsSuppressor',
    },
  );

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-compositealarm.html
 *
 * @throws RehearsalError `PropertyInvalid` or `AlarmRuleInvalid`
 */
export function readCompositeAlarm(resource: DeployedResource): CompositeDefinition {
  const { logicalId, stack, account, region, attributes, physicalId, name } = resource;
  const properties = readProperties(resource, schema);
  const { ActionsSuppressor: suppressor } = properties;
  return {
    name: name ?? physicalId,
    arn: attributes['Arn'] ?? '',
    description: properties.AlarmDescription,
    logicalId,
    stack,
    account,
    region,
    actionsEnabled: properties.ActionsEnabled,
    actions: {
      OK: properties.OKActions,
      ALARM: properties.AlarmActions,
      INSUFFICIENT_DATA: properties.InsufficientDataActions,
    },
    rule: readRule(properties.AlarmRule, logicalId, stack),
    suppressor:
      suppressor === undefined
        ? undefined
        : {
            alarm: suppressor,
            waitSeconds: properties.ActionsSuppressorWaitPeriod ?? 0,
            extensionSeconds: properties.ActionsSuppressorExtensionPeriod ?? 0,
          },
  };
}

function readRule(text: string, logicalId: string, stack: string): AlarmRule {
  try {
    return parseAlarmRule(text);
  } catch (error) {
    if (!(error instanceof AlarmRuleProblem)) throw error;
    throw new RehearsalError(
      'AlarmRuleInvalid',
      `AWS::CloudWatch::CompositeAlarm '${logicalId}' in stack '${stack}': the AlarmRule is not valid: ${error.message}.\nIt is ${text}`,
    );
  }
}
