import { checkInteger, InvalidPropertyError } from '../check-props';

/** When the alarms of the service go off. */
export interface AlarmThresholds {
  /**
   * Percent of the answers of a minute that are errors (5xx) of the service, if there were 20.
   * Guards deployments.
   *
   * @default 5
   */
  readonly errorPercent: number;

  /**
   * Requests of a minute that the load balancer answered with an error (5xx) itself. Guards
   * deployments.
   *
   * @default 10
   */
  readonly loadBalancerErrors: number;

  /**
   * Seconds that the slowest hundredth of the answers takes, for five minutes.
   *
   * @default 1
   */
  readonly latencySeconds: number;

  /**
   * Percent of CPU or memory that the tasks use, for five minutes.
   *
   * @default 85
   */
  readonly utilizationPercent: number;
}

const DEFAULTS: AlarmThresholds = {
  errorPercent: 5,
  loadBalancerErrors: 10,
  latencySeconds: 1,
  utilizationPercent: 85,
};

/** @throws InvalidPropertyError naming the property, what is allowed and what was given */
export function resolveAlarmThresholds(given: Partial<AlarmThresholds> = {}): AlarmThresholds {
  const thresholds = { ...DEFAULTS, ...given };
  checkInteger('alarmThresholds.errorPercent', thresholds.errorPercent, 1, 100);
  checkInteger('alarmThresholds.loadBalancerErrors', thresholds.loadBalancerErrors, 1, 1_000_000);
  checkInteger('alarmThresholds.utilizationPercent', thresholds.utilizationPercent, 1, 100);
  const { latencySeconds } = thresholds;
  if (!(latencySeconds > 0 && latencySeconds <= 4000)) {
    throw new InvalidPropertyError(
      `'alarmThresholds.latencySeconds' should be above 0 and at most 4000, the longest that the load balancer waits, got: '${latencySeconds}'`,
    );
  }
  return thresholds;
}
