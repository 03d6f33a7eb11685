import { RehearsalError } from '../errors';

/** A moment as the clocks of a time zone show it. */
interface Moment {
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly year: number;
  /** 1 is Sunday */
  readonly weekday: number;
  /** Days of this month */
  readonly lastDay: number;
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

/**
 * Whether a cron expression of six or seven fields (seconds, minutes, hours, day of month, month,
 * day of week, year) holds at a moment.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html
 *
 * @param time milliseconds since the epoch
 * @param timeZone of the IANA database, e.g. `Europe/Berlin`
 * @throws RehearsalError `RuleInvalid` for an expression or a time zone that is none
 */
export function isInWindow(cron: string, time: number, timeZone: string): boolean {
  const fields = cron.trim().split(/\s+/);
  if (fields.length < 6 || fields.length > 7) {
    throw invalid(cron, 'it needs six fields and may have a seventh, the year');
  }
  const [seconds = '', minutes = '', hours = '', days = '', months = '', weekdays = '', years] =
    fields;
  if (seconds !== '*') throw invalid(cron, `its seconds are '${seconds}', and only * is allowed`);
  const now = momentIn(time, timeZone);
  const list = (field: string, from: number, to: number, names: readonly string[] = []) =>
    valuesOf(field, { from, to, names, cron });
  return (
    list(minutes, 0, 59).includes(now.minute) &&
    list(hours, 0, 23).includes(now.hour) &&
    list(months, 1, 12, MONTHS).includes(now.month) &&
    (years === undefined || list(years, 1970, 2199).includes(now.year)) &&
    days.split(',').some((field) => isDay(field, now, list)) &&
    weekdays.split(',').some((field) => isWeekday(field, now, list))
  );
}

type List = (field: string, from: number, to: number, names?: readonly string[]) => number[];

/** A day of the month: `L`, `L-3`, `LW`, `15W`, or what every field may hold. */
function isDay(field: string, now: Moment, list: List): boolean {
  if (field === '?') return true;
  if (field === 'LW') return now.day === nearestWorkday(now.lastDay, now);
  const [, before] = /^L(?:-(\d+))?$/.exec(field) ?? [];
  if (field.startsWith('L')) return now.day === now.lastDay - Number(before ?? 0);
  const [, day] = /^(\d+)W$/.exec(field) ?? [];
  if (day !== undefined) return now.day === nearestWorkday(Number(day), now);
  return list(field, 1, 31).includes(now.day);
}

/** A day of the week: `L` (Saturday), `6L` (the month's last Friday), `6#3` (its third), or a list. */
function isWeekday(field: string, now: Moment, list: List): boolean {
  if (field === '?') return true;
  if (field === 'L') return now.weekday === 7;
  const [, day = '', kind, nth] = /^(\w+?)(L|#(\d))$/.exec(field) ?? [];
  if (kind === undefined) return list(field, 1, 7, WEEKDAYS).includes(now.weekday);
  if (!list(day, 1, 7, WEEKDAYS).includes(now.weekday)) return false;
  return nth === undefined ? now.day > now.lastDay - 7 : Math.ceil(now.day / 7) === Number(nth);
}

/** Monday to Friday, never in another month. */
function nearestWorkday(day: number, now: Moment): number {
  // 0 is Sunday
  const weekday = (((now.weekday - 1 + day - now.day) % 7) + 7) % 7;
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === now.lastDay ? day - 2 : day + 1;
  return day;
}

interface FieldRange {
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
  readonly cron: string;
}

/** The numbers that a list of values, ranges and increments stands for. */
function valuesOf(field: string, range: FieldRange): number[] {
  return field.split(',').flatMap((part) => {
    const [span = '', step = '1'] = part.split('/');
    const [first = '', last] = span.split('-');
    const from = first === '*' ? range.from : numberOf(first, range);
    const open = first === '*' || part.includes('/');
    const to = last === undefined ? (open ? range.to : from) : numberOf(last, range);
    const by = Number(step);
    if (!Number.isInteger(by) || by < 1) throw invalid(range.cron, `'${part}' has no step`);
    return Array.from(
      { length: Math.max(0, Math.floor((to - from) / by) + 1) },
      (_, index) => from + index * by,
    );
  });
}

function numberOf(text: string, { from, to, names, cron }: FieldRange): number {
  const named = names.indexOf(text.toUpperCase());
  const value = named === -1 ? Number(text) : from + named;
  if (text !== '' && Number.isInteger(value) && value >= from && value <= to) return value;
  throw invalid(cron, `'${text}' is not between ${from} and ${to}`);
}

function momentIn(time: number, timeZone: string): Moment {
  let parts: Intl.DateTimeFormatPart[];
  try {
    parts = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    }).formatToParts(time);
  } catch {
    throw new RehearsalError('RuleInvalid', `'${timeZone}' is no time zone, e.g. Europe/Berlin`);
  }
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  const [year, month, day] = [part('year'), part('month'), part('day')];
  return {
    year,
    month,
    day,
    hour: part('hour'),
    minute: part('minute'),
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1,
    lastDay: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  };
}

function invalid(cron: string, reason: string): RehearsalError {
  return new RehearsalError('RuleInvalid', `the cron expression '${cron}' is not valid: ${reason}`);
}
