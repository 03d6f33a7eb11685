import { type Evaluation, shown } from './evaluation';

/**
 * The functions that only conditions and rules may use: Fn::Equals, Fn::And, Fn::Or, Fn::Not,
 * `Condition`, and of the rule functions those that look at values only.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html
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
    case 'Fn::Contains': {
      const [list, wanted] = at.arguments(argument, 2);
      return texts(list, at).includes(at.text(wanted));
    }
    case 'Fn::EachMemberEquals': {
      const [list, wanted] = at.arguments(argument, 2);
      return texts(list, at).every((text) => text === at.text(wanted));
    }
    case 'Fn::EachMemberIn': {
      const [list, allowed] = at.arguments(argument, 2);
      return texts(list, at).every((text) => texts(allowed, at).includes(text));
    }
    default:
      return at.fail(
        `expected Fn::Equals, Fn::And, Fn::Or, Fn::Not, Condition, Fn::Contains, Fn::EachMemberEquals or Fn::EachMemberIn, got ${shown(value)}`,
      );
  }
}

function texts(list: unknown, at: Evaluation): readonly string[] {
  return at.list(list).map((item) => at.text(item));
}
