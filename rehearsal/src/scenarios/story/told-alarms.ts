import type { AlarmDefinition } from '../../cloudwatch/alarm-definition';
import type { AlarmState } from '../../cloudwatch/alarm-evaluation';
import { alarmEvent } from '../../cloudwatch/alarm-message';
import { readRule } from '../../eventbridge/rule-definition';
import type { World } from '../../world';

/**
 * Whether a rule of the templates tells a topic when an alarm goes from one state to another.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
export function isToldByRule(
  { deployed, clock }: World,
  alarm: AlarmDefinition,
  change: { readonly from: AlarmState; readonly to: AlarmState },
): boolean {
  const now = clock.now();
  const event = alarmEvent(alarm, {
    ...change,
    ...{ reason: '', fromReason: '' },
    ...{ time: now, fromTime: now, causedAt: now, configuredAt: now },
  });
  const rules = (deployed?.ofType('AWS::Events::Rule') ?? []).map(readRule);
  return rules.some(
    ({ enabled, onDefaultBus, pattern, targets }) =>
      enabled &&
      onDefaultBus &&
      pattern?.({ ...event }) === true &&
      targets.some(({ arn }) => isTopic(arn)),
  );
}

/** Whether a topic hears when an alarm goes off: by a rule, or by an action of the alarm. */
export function isTold(world: World, alarm: AlarmDefinition): boolean {
  const { actionsEnabled, actions } = alarm;
  return (
    (actionsEnabled && actions.ALARM.some(isTopic)) ||
    isToldByRule(world, alarm, { from: 'OK', to: 'ALARM' })
  );
}

function isTopic(arn: string): boolean {
  return arn.split(':')[2] === 'sns';
}
