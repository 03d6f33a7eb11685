import type { Clock } from '../../clock';
import type { AlarmState } from '../../cloudwatch/alarm-evaluation';
import type { Authorizer } from '../../iam/authorizer';
import type { ActionResult, ActionRunner } from '../actions/action';

export interface AlarmRuleServices {
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  /** Undefined when there is no such alarm */
  readonly stateOf: (alarmName: string) => AlarmState | undefined;
}

/**
 * `Rule/AWS/CloudWatchAlarm/1`: does not hold when the alarm, after the time that it has to change
 * its state, is in one of the states that the rule monitors. AWS gives no default for these; here
 * it is ALARM.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CloudWatchAlarm.html
 */
export function cloudwatchAlarmRule({
  clock,
  authorizer,
  stateOf,
}: AlarmRuleServices): ActionRunner {
  const failed = (summary: string): ActionResult => ({ status: 'Failed', summary });
  return async ({ action, caller, pipeline, signal }) => {
    const { AlarmName = '', AlarmStates = 'ALARM', WaitTime = '0' } = action.configuration;
    const decision = authorizer.authorize({
      caller,
      action: 'cloudwatch:DescribeAlarms',
      resource: `arn:aws:cloudwatch:${pipeline.region}:${pipeline.account}:alarm:${AlarmName}`,
    });
    if (!decision.allowed) return failed(decision.message);
    const minutes = Number(WaitTime);
    if (minutes > 0) await clock.wait(minutes * 60_000, signal);
    const state = stateOf(AlarmName);
    if (state === undefined) return failed(`there is no alarm '${AlarmName}'`);
    const monitored = AlarmStates.split(',').map((each) => each.trim());
    if (!monitored.includes(state)) return { status: 'Succeeded' };
    return failed(`the alarm '${AlarmName}' is in the state ${state}`);
  };
}
