import type { Check, MailReport } from '../../report/report';
import { check } from './checks';
import { isOneEach, listed } from './mail-checks';

/** What was seen after a release had failed and the next one had not. */
export interface Recovery {
  /** Alarms that the failure set off and that were OK when the next release had ended */
  readonly alarms: readonly string[];
  /** Every other alarm, whose mails are about something else */
  readonly otherAlarms: readonly string[];
  /** Names of the pipelines */
  readonly pipelines: readonly string[];
  /** What people heard of the failure */
  readonly before: readonly MailReport[];
  /** What they heard when the next release had ended */
  readonly after: readonly MailReport[];
}

/** Whoever heard that releases fail hears, once, that they work again. */
export function recoveryChecks(recovery: Recovery): Check[] {
  const { alarms, before, after } = recovery;
  const about = after.filter((mail) => isAbout(mail, recovery));
  const hears = new Set(about.map(({ to }) => to));
  const heard = [...new Set(before.map(({ to }) => to))];
  return [
    check(
      'an alarm that the failure set off is OK because of the release that succeeded',
      alarms.length > 0,
      alarms.join(', ') || 'none',
    ),
    check(
      'one mail tells everybody who heard of the failure that releases work again',
      isOneEach(about) && heard.every((to) => hears.has(to)),
      listed(about),
    ),
  ];
}

/** It names what is well again, and no alarm that is OK for another reason. */
function isAbout({ subject, text }: MailReport, recovery: Recovery): boolean {
  const { alarms, otherAlarms, pipelines } = recovery;
  const isNamed = (name: string) => subject.includes(name) || text.includes(name);
  // A name that is a part of a longer one says nothing by itself.
  const others = otherAlarms.filter((name) => !alarms.some((alarm) => alarm.includes(name)));
  return [...alarms, ...pipelines].some(isNamed) && !others.some(isNamed);
}
