import { messageOf, RehearsalError } from '../errors';
import type { Condition, RuleDefinition } from './pipeline-definition';
import { resolveVariables, type Variables } from './variables';

export interface EngagedCondition {
  readonly result: Condition['result'];
  /** Which rule did not hold, with its values */
  readonly reason: string;
}

/**
 * The first condition that is not met: one of its rules does not hold. Its result engages.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-conditions.html
 */
export function engagedCondition(
  conditions: readonly Condition[],
  variables: Variables,
): EngagedCondition | undefined {
  for (const { result, rules } of conditions) {
    for (const rule of rules) {
      const reason = failedRule(rule, variables);
      if (reason !== undefined) return { result, reason };
    }
  }
  return undefined;
}

/**
 * VariableCheck, the one rule that is played.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html
 */
function failedRule(rule: RuleDefinition, variables: Variables): string | undefined {
  const { Variable = '', Value = '', Operator = '' } = rule.configuration;
  try {
    const actual = resolveVariables(Variable, variables);
    const expected = resolveVariables(Value, variables);
    if (holds(Operator, actual, expected)) return undefined;
    return `rule ${rule.name}: '${actual}' ${Operator} '${expected}' does not hold`;
  } catch (error) {
    if (!(error instanceof RehearsalError) && !(error instanceof SyntaxError)) throw error;
    return `rule ${rule.name}: ${messageOf(error)}`;
  }
}

/** MATCHES is Java's: the whole value has to match. */
function holds(operator: string, actual: string, expected: string): boolean {
  switch (operator) {
    case 'EQ':
      return actual === expected;
    case 'NE':
      return actual !== expected;
    case 'CONTAINS':
      return actual.includes(expected);
    case 'MATCHES':
      return new RegExp(`^(?:${expected})$`, 's').test(actual);
    default:
      throw new RehearsalError(
        'RuleInvalid',
        `the operator '${operator}' is none of EQ, NE, CONTAINS, MATCHES`,
      );
  }
}
