import { isoTime } from '../clock';
import type { AwsEvent } from '../events';
import { longTime, offsetTime, type StateChange } from './alarm-message';
import type { SuppressedBy } from './composite-alarm';
import type { CompositeDefinition } from './composite-definition';
import { regionName } from './regions';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
export function compositeEvent(
  definition: CompositeDefinition,
  change: StateChange,
  suppressedBy: SuppressedBy | undefined,
): AwsEvent {
  const { name, arn, account, region, rule, suppressor, description } = definition;
  return {
    kind: 'aws',
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    account,
    region,
    time: isoTime(change.time),
    cause: isoTime(change.causedAt),
    resources: [arn],
    detail: {
      alarmName: name,
      state: {
        ...(suppressedBy !== undefined && {
          actionsSuppressedBy: suppressedBy,
          actionsSuppressedReason: `Actions suppressed by ${suppressedBy}`,
        }),
        value: change.to,
        reason: change.reason,
        timestamp: offsetTime(change.time),
      },
      previousState: {
        value: change.from,
        reason: change.fromReason,
        timestamp: offsetTime(change.fromTime),
      },
      configuration: {
        ...(description !== undefined && { description }),
        alarmRule: rule.text,
        ...(suppressor && {
          actionsSuppressor: suppressor.alarm,
          actionsSuppressorWaitPeriod: suppressor.waitSeconds,
          actionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
        }),
      },
    },
  };
}

/** The message as topics get it; only the fields that all alarms have are documented. */
export function compositeMessage(definition: CompositeDefinition, change: StateChange): string {
  const { name, description, account, region, arn, actions, rule } = definition;
  return JSON.stringify({
    AlarmName: name,
    AlarmDescription: description ?? null,
    AWSAccountId: account,
    NewStateValue: change.to,
    NewStateReason: change.reason,
    StateChangeTime: offsetTime(change.time),
    Region: regionName(region),
    AlarmArn: arn,
    OldStateValue: change.from,
    OKActions: actions.OK,
    AlarmActions: actions.ALARM,
    InsufficientDataActions: actions.INSUFFICIENT_DATA,
    AlarmRule: rule.text,
  });
}

export function compositeEmailText(definition: CompositeDefinition, change: StateChange): string {
  const { name, region, description, account, arn, rule } = definition;
  return [
    `You are receiving this email because your Amazon CloudWatch Alarm "${name}" in the ${regionName(region)} region has entered the ${change.to} state, because "${change.reason}" at "${longTime(change.time)}".`,
    '',
    'Alarm Details:',
    `- Name:                       ${name}`,
    `- Description:                ${description ?? ''}`,
    `- State Change:               ${change.from} -> ${change.to}`,
    `- Reason for State Change:    ${change.reason}`,
    `- AWS Account:                ${account}`,
    `- Alarm Arn:                  ${arn}`,
    `- Alarm Rule:                 ${rule.text}`,
    '',
  ].join('\n');
}
