import { RehearsalError } from '../errors';
import { parseCron, ScheduleProblem } from './cron-expression';

export interface Schedule {
  /**
   * The first run after a time, milliseconds since the epoch; undefined when none comes any more.
   *
   * @param created when the rule was, from which a rate counts
   */
  next(after: number, created: number): number | undefined;
}

const UNIT_MS = { minute: 60_000, hour: 60 * 60_000, day: 24 * 60 * 60_000 } as const;

/**
 * `rate(5 minutes)` or `cron(0 12 * * ? *)`
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 *
 * @param where it stands, for the error
 * @throws RehearsalError `ScheduleInvalid`
 */
export function parseSchedule(expression: string, where: string): Schedule {
  try {
    const [, kind, text = ''] = /^(rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
    if (kind === 'rate') return rate(text);
    if (kind === 'cron') return { next: parseCron(text) };
    throw new ScheduleProblem('expected rate(…) or cron(…)');
  } catch (error) {
    if (!(error instanceof ScheduleProblem)) throw error;
    throw new RehearsalError(
      'ScheduleInvalid',
      `${where}: Parameter ScheduleExpression is not valid: ${error.message}.\nIt is ${expression}`,
    );
  }
}

function rate(text: string): Schedule {
  const [, digits, unit, plural] = /^\s*([1-9]\d*)\s+(minute|hour|day)(s?)\s*$/.exec(text) ?? [];
  if (digits === undefined || (digits === '1') !== (plural === '')) {
    throw new ScheduleProblem(
      'rate takes a number and minutes, hours or days; after 1 it is minute, hour or day',
    );
  }
  const period = Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return {
    next: (after, created) => created + (Math.floor((after - created) / period) + 1) * period,
  };
}
