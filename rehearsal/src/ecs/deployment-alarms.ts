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
  /** Has every alarm look at its metric now */
  evaluate(): Promise<void>;
}

/** How often ECS asks; AWS does not publish its interval. */
const ALARM_POLL_SECONDS = 10;

/**
 * Watches a deployment's alarms. Those that are in ALARM at the start say nothing about this
 * deployment and are not looked at again.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
export class AlarmWatch {
  private readonly watched: readonly string[];

  constructor(
    private readonly deployment: Deployment,
    { alarmNames }: DeploymentAlarmSettings,
    private readonly states: AlarmStates,
  ) {
    this.watched = alarmNames.filter((name) => states.stateOf(name) !== 'ALARM');
  }

  /**
   * Asks for the alarms' states until one goes into ALARM, or the deployment is no longer the one
   * that is IN_PROGRESS, or `signal` aborts.
   */
  async run(clock: Clock, signal: AbortSignal, onAlarm: () => void): Promise<void> {
    while (!signal.aborted && this.isCurrent()) {
      await clock.wait(ALARM_POLL_SECONDS * 1000, signal);
      if (this.look()) return onAlarm();
    }
  }

  /**
   * At the end of the bake time. CloudWatch evaluates once a minute, and ECS asks now and then: what
   * they find must not depend on where in the minute the bake time ends.
   */
  async conclude(): Promise<void> {
    await this.states.evaluate();
    this.look();
  }

  private look(): boolean {
    const { deployment, states, watched } = this;
    if (!this.isCurrent() || !watched.some((name) => states.stateOf(name) === 'ALARM')) {
      return false;
    }
    deployment.alarmDetected = true;
    return true;
  }

  private isCurrent(): boolean {
    const { status, rolloutState } = this.deployment;
    return status === 'PRIMARY' && rolloutState === 'IN_PROGRESS';
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
