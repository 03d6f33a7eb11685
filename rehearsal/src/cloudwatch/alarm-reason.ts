import { isBreaching, type AlarmDefinition } from './alarm-definition';
import type { AlarmState } from './alarm-evaluation';

/** The value of one period; undefined where no data came. */
export interface Datapoint {
  /** True time of the period's begin, milliseconds since the epoch */
  readonly start: number;
  readonly value: number | undefined;
  /** True time of its newest sample */
  readonly sampledAt: number | undefined;
}

const OPERATOR_WORDS: Readonly<Record<AlarmDefinition['comparisonOperator'], string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** What CloudWatch says of an alarm that nobody has evaluated yet. */
export const INITIAL_REASON = 'Unchecked: Initial alarm creation';

/**
 * Why the alarm is in its new state, in CloudWatch's words.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 *
 * @param points newest last
 */
export function stateReason(
  definition: AlarmDefinition,
  oldState: AlarmState,
  newState: AlarmState,
  points: readonly Datapoint[],
): string {
  const { evaluationPeriods: n, datapointsToAlarm: m } = definition;
  const known = points.filter(({ value }) => value !== undefined).slice(-n);
  const missing = n - known.length;
  if (newState === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${count(n, 'datapoint')} ${n === 1 ? 'was' : 'were'} unknown.`;
  }
  const filled = treatedAs(definition, missing);
  if (known.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${count(n, 'period')}${filled}.`;
  }
  const alarming = newState === 'ALARM';
  const deciding = known.filter(
    ({ value }) => isBreaching(definition, value as number) === alarming,
  );
  const shown = deciding.map(({ start, value }) => `${decimal(value as number)} (${stamp(start)})`);
  const verb = deciding.length === 1 ? 'was' : 'were';
  const minimum = alarming ? m : n - m + 1;
  return [
    `Threshold Crossed: ${deciding.length} out of the last ${count(known.length, 'datapoint', 's')} [${shown.join(', ')}]`,
    ` ${verb}${alarming ? '' : ' not'} ${OPERATOR_WORDS[definition.comparisonOperator]} the threshold (${decimal(definition.threshold)})`,
    filled,
    ` (minimum ${count(minimum, 'datapoint')} for ${oldState} -> ${newState} transition).`,
  ].join('');
}

function treatedAs({ treatMissingData }: AlarmDefinition, missing: number): string {
  const word = { breaching: 'Breaching', notBreaching: 'NonBreaching' } as const;
  if (missing === 0 || treatMissingData === 'missing' || treatMissingData === 'ignore') return '';
  return ` and ${count(missing, 'missing datapoint')} ${missing === 1 ? 'was' : 'were'} treated as [${word[treatMissingData]}]`;
}

/** `1.0`, as Java prints a double */
export function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function count(number: number, word: string, plural = number === 1 ? '' : 's'): string {
  return `${number} ${word}${plural}`;
}

/** `05/01/26 08:05:00`, day first, UTC */
function stamp(milliseconds: number): string {
  const [date = '', time = ''] = new Date(milliseconds).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
