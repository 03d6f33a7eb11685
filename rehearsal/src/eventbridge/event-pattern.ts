import { RehearsalError } from '../errors';
import { isLeaf, type Leaf, PatternProblem, type PatternRule, patternRule } from './pattern-rules';

/** Whether an event is one that the rule waits for. */
export type EventPattern = (event: Readonly<Record<string, unknown>>) => boolean;

/**
 * An event pattern, or the filter policy of a subscription: every field that it names must match,
 * fields that it does not name may hold anything.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *
 * @param where it stands, for the error, e.g. `AWS::Events::Rule 'Failed' in stack 'Cicd'`
 * @throws RehearsalError `EventPatternInvalid`; an operator that is not understood is named
 */
export function parseEventPattern(pattern: unknown, where: string): EventPattern {
  try {
    return fields(pattern, '');
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    throw new RehearsalError(
      'EventPatternInvalid',
      `${where}: Event pattern is not valid. Reason: ${error.message}.\nThe pattern is ${JSON.stringify(pattern)}.`,
    );
  }
}

function fields(pattern: unknown, path: string): EventPattern {
  if (!isObject(pattern)) {
    throw new PatternProblem(`"${path || 'the pattern'}" must be an object or an array`);
  }
  const tests = Object.entries(pattern).map(([key, value]): EventPattern => {
    const at = path === '' ? key : `${path}.${key}`;
    if (key === '$or' && isListOfObjects(value)) {
      const alternatives = value.map((alternative) => fields(alternative, path));
      return (event) => alternatives.some((alternative) => alternative(event));
    }
    if (Array.isArray(value)) {
      const rules = listed(value, at);
      return (event) => fieldMatches(ownValue(event, key), rules);
    }
    const nested = fields(value, at);
    return (event) => {
      const inner = ownValue(event, key);
      // A list of objects matches when one of them does. A missing object may still match `exists: false`.
      if (Array.isArray(inner)) return inner.some((item) => isObject(item) && nested(item));
      return nested(isObject(inner) ? inner : {});
    };
  });
  return (event) => tests.every((test) => test(event));
}

function listed(entries: readonly unknown[], path: string): PatternRule[] {
  if (entries.length === 0) throw new PatternProblem(`Empty arrays are not allowed at "${path}"`);
  return entries.map((entry) => {
    try {
      return patternRule(entry);
    } catch (error) {
      if (!(error instanceof PatternProblem)) throw error;
      throw new PatternProblem(`${error.message} (at "${path}")`);
    }
  });
}

function fieldMatches(field: unknown, rules: readonly PatternRule[]): boolean {
  const values: Leaf[] = (Array.isArray(field) ? field.flat(Infinity) : [field]).filter(isLeaf);
  if (values.length === 0) return rules.some(({ whenAbsent }) => whenAbsent);
  return rules.some(({ matches }) => values.some(matches));
}

function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isListOfObjects(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.length > 1 && value.every(isObject);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
