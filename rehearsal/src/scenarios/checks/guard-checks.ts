import type { Check } from '../../report/report';
import { check } from './checks';
import type { Facts } from './facts';
import { isOneEach, listed } from './mail-checks';

/** What was seen of the alarms that guard deployments, and of what they cost. */
export interface GuardFacts {
  /** All of them */
  readonly names: readonly string[];
  /** Those that went off after the push, and whether the templates tell anybody of that */
  readonly wentOff: readonly { readonly name: string; readonly isTold: boolean }[];
  /** Those that are in ALARM in the end */
  readonly red: readonly string[];
  /** Why ECS gave the deployment up, in its own words; empty when it did not */
  readonly because: string;
  /** Answers of the broken version that were errors, until the old one served alone again */
  readonly errorsUntilRollback: number;
}

type Seen = Pick<Facts, 'deployments' | 'traffic' | 'mail'>;

/** A healthy version that answers with errors is stopped by an alarm, and costs no more than that. */
export function guardChecks(facts: Seen, guards: GuardFacts): Check[] {
  const { names, wentOff, red, because } = guards;
  return [
    check(
      'an alarm that guards deployments went off',
      wentOff.length > 0,
      wentOff.map(({ name }) => name).join(', ') || `none of ${names.join(', ')}`,
    ),
    check(
      'ECS gave the deployment up because of it',
      because.includes('alarm'),
      because || 'it did not',
    ),
    costCheck(facts, guards),
    check(
      'in the end no such alarm is in ALARM, so that the next deployment is guarded',
      red.length === 0,
      red.join(', ') || 'none is',
    ),
    ...wentOff.filter(({ isTold }) => isTold).map(({ name }) => mailCheck(facts, name)),
  ];
}

/** How many requests the version that was deployed last answered with an error. */
export function errorsOfNewVersion({ deployments, traffic }: Omit<Seen, 'mail'>): number {
  const [before, last] = [deployments[0], deployments.at(-1)];
  if (last === undefined || last.taskDefinition === before?.taskDefinition) return 0;
  return traffic.errorsByTaskDefinition[last.taskDefinition] ?? 0;
}

function costCheck(facts: Seen, { errorsUntilRollback }: GuardFacts): Check {
  const { sent, failed } = facts.traffic;
  const errors = errorsOfNewVersion(facts);
  return check(
    'users lost what the broken version answered before the rollback, and nothing else',
    errors > 0 && failed === errors && errors === errorsUntilRollback,
    `${failed} of ${sent} requests failed: ${errorsUntilRollback} were answered by the broken version before the end of the rollback, ${errors - errorsUntilRollback} after it, ${failed - errors} failed otherwise`,
  );
}

function mailCheck({ mail }: Seen, name: string): Check {
  const about = mail.filter(
    ({ subject, text, ofBefore }) => !ofBefore && `${subject}\n${text}`.includes(name),
  );
  const first = about.filter(({ to }, index) => about.findIndex((one) => one.to === to) === index);
  return check(`a mail tells that the alarm ${name} went off`, isOneEach(first), listed(about));
}
