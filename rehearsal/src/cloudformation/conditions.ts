import { type Evaluation, shown } from './evaluation';

/**
 * The functions that only conditions may use: Fn::Equals, Fn::And, Fn::Or, Fn::Not, and `Condition`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
 *
 * @throws RehearsalError for any other function, naming it
 */
export function conditionOf(value: unknown, at: Evaluation): boolean {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [name, argument] = entries.length === 1 ? (entries[0] ?? []) : [];
  switch (name) {
    case 'Fn::Equals': {
      const [left, right] = at.arguments(argument, 2);
      return at.text(left) === at.text(right);
    }
    case 'Fn::And':
      return at.arguments(argument, 1, 10).every((part) => conditionOf(part, at.at(name)));
    case 'Fn::Or':
      return at.arguments(argument, 1, 10).some((part) => conditionOf(part, at.at(name)));
    case 'Fn::Not':
      return !conditionOf(at.arguments(argument, 1)[0], at.at(name));
    case 'Condition':
      return (
        at.scope.condition(String(argument)) ??
        at.fail(`there is no condition named '${String(argument)}'`)
      );
    default:
      return at.fail(
        `expected Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition, got ${shown(value)}`,
      );
  }
}
