import { isoTime } from '../clock';
import type { Caller } from '../iam/authorizer';
import type { Publication } from '../sns/message';
import type { AlarmState } from './alarm-evaluation';
import type { StateChange } from './alarm-message';
import { regionName } from './regions';

/** What every alarm has, whatever it watches. */
export interface NotifyingAlarm {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly logicalId: string;
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  readonly actionsEnabled: boolean;
  /** ARNs */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

export type Publish = (topicArn: string, publication: Publication, caller: Caller) => void;

/** Tells the topics of the state that an alarm has come to. */
export function takeActions(
  alarm: NotifyingAlarm,
  change: StateChange,
  text: Pick<Publication, 'message' | 'emailText'>,
  publish: Publish,
): void {
  if (!alarm.actionsEnabled) return;
  const caller: Caller = {
    kind: 'service',
    service: 'cloudwatch.amazonaws.com',
    sourceArn: alarm.arn,
  };
  const subject = alarmSubject(alarm, change);
  const cause = isoTime(change.causedAt);
  for (const arn of alarm.actions[change.to].filter(isTopic)) {
    publish(arn, { subject, ...text, cause }, caller);
  }
}

/** Sentences about actions that are no topics. */
export function unplayedActions({ actions, logicalId, stack }: NotifyingAlarm): string[] {
  const all = [...actions.OK, ...actions.ALARM, ...actions.INSUFFICIENT_DATA];
  return [...new Set(all.filter((arn) => !isTopic(arn)))].map(
    (arn) => `alarm '${logicalId}' in stack '${stack}' has the action ${arn}, which is not played`,
  );
}

/** `ALARM: "api" in Asia Pacific (Seoul)`; SNS allows under 100 characters */
function alarmSubject({ name, region }: NotifyingAlarm, { to }: StateChange): string {
  return `${to}: "${name}" in ${regionName(region)}`.slice(0, 99);
}

function isTopic(arn: string): boolean {
  return arn.split(':')[2] === 'sns';
}
