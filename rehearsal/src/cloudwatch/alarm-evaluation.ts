export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export interface EvaluationSettings {
  /** N */
  readonly evaluationPeriods: number;
  /** M, at most N */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingData;
}

/** How many periods CloudWatch looks at beyond N: 5 for N = 3 in the page's example. */
const EXTRA_PERIODS = 2;

/** Periods that an evaluation looks at. */
export function evaluationRange({ evaluationPeriods }: EvaluationSettings): number {
  return evaluationPeriods + EXTRA_PERIODS;
}

/**
 * The state that the data give, or `keep` where the state stays as it is.
 *
 * With N real points or more in the range, the newest N decide. With fewer, the gaps among N are
 * filled as `TreatMissingData` says; `missing` alarms on less than M breaching points only when the
 * oldest of them is M periods old and nothing newer is fine, so that one late point cannot do it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 *
 * @param breaching newest last; undefined where no data came; as many as `evaluationRange` says
 */
export function evaluate(
  breaching: readonly (boolean | undefined)[],
  settings: EvaluationSettings,
): AlarmState | 'keep' {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = settings;
  const known = breaching.filter((point) => point !== undefined).slice(-evaluationPeriods);
  const count = known.filter(Boolean).length;
  const missing = evaluationPeriods - known.length;
  if (count >= datapointsToAlarm) return 'ALARM';
  if (missing === 0) return 'OK';
  switch (treatMissingData) {
    case 'breaching':
      return count + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return known.includes(false) ? 'OK' : 'keep';
    case 'missing':
      if (known.length === 0) return 'INSUFFICIENT_DATA';
      if (known.includes(false)) return 'OK';
      return breaching.length - breaching.indexOf(true) >= datapointsToAlarm ? 'ALARM' : 'keep';
  }
}
