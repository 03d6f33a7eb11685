import { messageOf, RehearsalError } from '../../errors';
import { matchesPattern } from '../../untrusted-pattern';
import type { ActionResult, ActionRunner } from '../actions/action';

/**
 * `Rule/AWS/VariableCheck/1`: a variable of the execution against a value.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html
 */
export const variableCheck: ActionRunner = ({ action }) => {
  const { Variable = '', Value = '', Operator = '' } = action.configuration;
  const fail = (summary: string): Promise<ActionResult> =>
    Promise.resolve({ status: 'Failed', summary });
  try {
    if (holds(Operator, Variable, Value)) return Promise.resolve({ status: 'Succeeded' });
    return fail(`'${Variable}' ${Operator} '${Value}' does not hold`);
  } catch (error) {
    if (!(error instanceof RehearsalError)) throw error;
    return fail(messageOf(error));
  }
};

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
      return matchesPattern(`^(?:${expected})$`, actual, 'the value of VariableCheck', 's');
    default:
      throw new RehearsalError(
        'RuleInvalid',
        `the operator '${operator}' is none of EQ, NE, CONTAINS, MATCHES`,
      );
  }
}
