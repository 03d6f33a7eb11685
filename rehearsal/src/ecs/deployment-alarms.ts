import { z } from 'zod';
import type { Clock } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import { cfnNumber } from '../cloudformation/read-properties';
import type { Deployment } from './deployment';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentAlarms.html */
export interface DeploymentAlarmSettings {
  readonly alarmNames: readonly string[];
  readonly rollback: boolean;
}

/** What ECS asks CloudWatch while a deployment is IN_PROGRESS (`cloudwatch:DescribeAlarms`). */
export interface AlarmStates {
  /** undefined when there is no alarm of this name */
  stateOf(alarmName: string): 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' | undefined;
}

/** How often ECS asks; AWS does not publish its interval. */
const ALARM_POLL_SECONDS = 10;

/**
 * Asks for the alarms' states until one goes into ALARM, or the deployment is no longer the one
 * that is IN_PROGRESS, or `signal` aborts. Alarms that are in ALARM at the start say nothing about
 * this deployment and are not looked at again.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
export async function watchAlarms(
  deployment: Deployment,
  { alarmNames }: DeploymentAlarmSettings,
  states: AlarmStates,
  clock: Clock,
  signal: AbortSignal,
  onAlarm: () => void,
): Promise<void> {
  const watched = alarmNames.filter((name) => states.stateOf(name) !== 'ALARM');
  const isCurrent = () =>
    deployment.status === 'PRIMARY' && deployment.rolloutState === 'IN_PROGRESS';
  while (!signal.aborted && isCurrent()) {
    await clock.wait(ALARM_POLL_SECONDS * 1000, signal);
    if (!isCurrent() || !watched.some((name) => states.stateOf(name) === 'ALARM')) continue;
    deployment.alarmDetected = true;
    return onAlarm();
  }
}

const alarmTimes = z.object({
  EvaluationPeriods: cfnNumber.default(1),
  Period: cfnNumber.optional(),
  Metrics: z
    .array(z.object({ MetricStat: z.object({ Period: cfnNumber }).optional() }))
    .default([]),
});

/** The period of alarms that do not say it; CloudWatch asks for one of every plain alarm. */
const DEFAULT_PERIOD_SECONDS = 60;

/**
 * How long ECS goes on watching after the new tasks serve and the old ones are gone. AWS computes it
 * from the alarms and publishes no formula: here it is the longest time over which one of them is
 * evaluated, so that each has seen the new revision alone.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
export function bakeSeconds(
  { alarmNames }: DeploymentAlarmSettings,
  resources: DeployedResources,
): number {
  const evaluated = alarmNames.map((name) => {
    const times = alarmTimes.safeParse(
      resources.find('AWS::CloudWatch::Alarm', name)?.properties ?? {},
    );
    if (!times.success) return DEFAULT_PERIOD_SECONDS;
    const { EvaluationPeriods, Period, Metrics } = times.data;
    const periods = [Period, ...Metrics.map(({ MetricStat }) => MetricStat?.Period)];
    const given = periods.filter((period) => period !== undefined);
    return EvaluationPeriods * (given.length > 0 ? Math.max(...given) : DEFAULT_PERIOD_SECONDS);
  });
  return Math.max(0, ...evaluated);
}
