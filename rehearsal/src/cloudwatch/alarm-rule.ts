import type { AlarmState } from './alarm-evaluation';

/** Why a rule is refused; the caller adds where it stands. */
export class AlarmRuleProblem extends Error {}

/** @returns undefined for an alarm that is not there */
type StateOf = (nameOrArn: string) => AlarmState | undefined;

export interface AlarmRule {
  readonly text: string;
  readonly holds: (stateOf: StateOf) => boolean;
  /** Names or ARNs of the alarms that it asks for */
  readonly children: readonly string[];
}

type Condition = AlarmRule['holds'];

const TOKEN = /\s*(\(|\)|[A-Za-z_]+)/y;
const ALARM = /\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^\s()"']+))\s*\)/y;
const STATES: readonly string[] = ['ALARM', 'OK', 'INSUFFICIENT_DATA'];

/**
 * The expression of a composite alarm: `(ALARM("a") OR ALARM("b")) AND NOT OK("c")`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 *
 * @throws AlarmRuleProblem saying what is expected, and where
 */
export function parseAlarmRule(text: string): AlarmRule {
  const children = new Set<string>();
  let at = 0;
  const match = (pattern: RegExp) => {
    const sticky = new RegExp(pattern);
    sticky.lastIndex = at;
    const found = sticky.exec(text);
    if (found !== null) at = sticky.lastIndex;
    return found;
  };
  const take = (word: string) => {
    const start = at;
    if (match(TOKEN)?.[1]?.toUpperCase() === word) return true;
    at = start;
    return false;
  };
  const problem = (expected: string) =>
    new AlarmRuleProblem(`expected ${expected} before '${text.slice(at).trim() || 'the end'}'`);

  const alternatives = (): Condition => {
    const conditions = [conjunction()];
    while (take('OR')) conditions.push(conjunction());
    return (stateOf) => conditions.some((condition) => condition(stateOf));
  };
  const conjunction = (): Condition => {
    const conditions = [operand()];
    while (take('AND')) conditions.push(operand());
    return (stateOf) => conditions.every((condition) => condition(stateOf));
  };
  const operand = (): Condition => {
    if (take('NOT')) {
      const inner = operand();
      return (stateOf) => !inner(stateOf);
    }
    if (take('(')) {
      const inner = alternatives();
      if (!take(')')) throw problem("')'");
      return inner;
    }
    if (take('TRUE')) return () => true;
    if (take('FALSE')) return () => false;
    const state = STATES.find(take);
    if (state === undefined) throw problem('ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, NOT or (');
    const [, quoted, single, bare] = match(ALARM) ?? [];
    const child = quoted ?? single ?? bare;
    if (child === undefined) throw problem(`the name or ARN of an alarm in parentheses`);
    children.add(child);
    return (stateOf) => stateOf(child) === state;
  };

  const holds = alternatives();
  if (text.slice(at).trim() !== '') throw problem('AND, OR or nothing');
  return { text, holds, children: [...children] };
}
