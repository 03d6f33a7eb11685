/** Why a schedule is refused; the caller adds where it stands. */
export class ScheduleProblem extends Error {}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Names of the values, in order from `from` */
  readonly names?: readonly string[];
}

const MINUTES: Field = { name: 'minutes', from: 0, to: 59 };
const HOURS: Field = { name: 'hours', from: 0, to: 23 };
const DAYS: Field = { name: 'day-of-month', from: 1, to: 31 };
const MONTHS: Field = {
  name: 'month',
  from: 1,
  to: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEKDAYS: Field = {
  name: 'day-of-week',
  from: 1,
  to: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};
const YEARS: Field = { name: 'year', from: 1970, to: 2199 };

const DAY_MS = 24 * 60 * 60_000;

/** Whether a day, at midnight UTC, is one of those that a field names */
type DayTest = (day: Date) => boolean;

/**
 * `cron(minutes hours day-of-month month day-of-week year)`, UTC, with , - * / ? L W and #.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 *
 * @param text within the parentheses
 * @returns the first time after a given one, milliseconds since the epoch; undefined when none comes
 * @throws ScheduleProblem naming the field
 */
export function parseCron(text: string): (after: number) => number | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw new ScheduleProblem(`cron has six fields, got ${fields.length}`);
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields;
  if ((day === '?') === (weekday === '?')) {
    throw new ScheduleProblem('one of day-of-month and day-of-week must be ?, the other must not');
  }
  const minutes = valuesOf(minute, MINUTES);
  const hours = valuesOf(hour, HOURS);
  const months = valuesOf(month, MONTHS);
  const years = valuesOf(year, YEARS);
  const isDay = day === '?' ? weekdayTest(weekday) : dayTest(day);
  const lastYear = Math.max(...years);
  return (after) => {
    const start = Math.floor(after / DAY_MS) * DAY_MS;
    for (let midnight = start; ; midnight += DAY_MS) {
      const date = new Date(midnight);
      if (date.getUTCFullYear() > lastYear) return undefined;
      if (!years.has(date.getUTCFullYear()) || !months.has(date.getUTCMonth() + 1)) continue;
      if (!isDay(date)) continue;
      const times = [...hours].flatMap((h) =>
        [...minutes].map((m) => midnight + (h * 60 + m) * 60_000),
      );
      const next = Math.min(...times.filter((time) => time > after));
      if (Number.isFinite(next)) return next;
    }
  };
}

function dayTest(text: string): DayTest {
  if (text === 'L') return (day) => day.getUTCDate() === lastOf(day);
  const nearest = /^(\d+)W$/.exec(text)?.[1];
  if (nearest === undefined) {
    const values = valuesOf(text, DAYS);
    return (day) => values.has(day.getUTCDate());
  }
  const wanted = Number(nearest);
  return (day) => day.getUTCDate() === nearestWeekday(day, Math.min(wanted, lastOf(day)));
}

function weekdayTest(text: string): DayTest {
  const last = /^(\w+)L$/.exec(text)?.[1];
  if (text === 'L') return (day) => day.getUTCDay() === 6;
  if (last !== undefined) {
    const wanted = valueOf(last, WEEKDAYS);
    return (day) => day.getUTCDay() + 1 === wanted && day.getUTCDate() > lastOf(day) - 7;
  }
  const [, name, number] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (name !== undefined) {
    const wanted = valueOf(name, WEEKDAYS);
    const nth = Number(number);
    return (day) => day.getUTCDay() + 1 === wanted && Math.ceil(day.getUTCDate() / 7) === nth;
  }
  const values = valuesOf(text, WEEKDAYS);
  return (day) => values.has(day.getUTCDay() + 1);
}

function valuesOf(text: string, field: Field): ReadonlySet<number> {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/');
    const [first = '', last] = range.split('-');
    const from = first === '*' ? field.from : valueOf(first, field);
    const to = last !== undefined ? valueOf(last, field) : first === '*' || step ? field.to : from;
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1 || part.split('/').length > 2) throw wrong(part, field);
    // A range may go on over the end: 20-2 is the evening and the first hours.
    const count = field.to - field.from + 1;
    const length = to >= from ? to - from : to - from + count;
    for (let at = 0; at <= length; at += by) {
      values.add(((from - field.from + at) % count) + field.from);
    }
  }
  return values;
}

function valueOf(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + field.from : /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= field.from && value <= field.to)) throw wrong(text, field);
  return value;
}

function wrong(text: string, { name, from, to, names }: Field): ScheduleProblem {
  const or = names === undefined ? '' : ` or ${names[0] ?? ''} to ${names.at(-1) ?? ''}`;
  return new ScheduleProblem(`${name} takes ${from} to ${to}${or}, got '${text}'`);
}

function lastOf(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** Monday to Friday, in the same month */
function nearestWeekday(month: Date, wanted: number): number {
  const day = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), wanted)).getUTCDay();
  if (day === 6) return wanted > 1 ? wanted - 1 : wanted + 2;
  if (day === 0) return wanted < lastOf(month) ? wanted + 1 : wanted - 2;
  return wanted;
}
