import { runInNewContext } from 'node:vm';
import { RehearsalError } from './errors';

/** Some patterns take longer than anybody's life; honest ones take less than a millisecond. */
const LIMIT_MS = 1000;

/**
 * Whether a pattern that a template brings along matches a text.
 *
 * @param where it stands, for the error, e.g. `the AllowedPattern of parameter 'Stage'`
 * @param flags of the expression, e.g. `s`
 * @throws RehearsalError `PatternInvalid` when it is no regular expression, or takes too long
 */
export function matchesPattern(pattern: string, text: string, where: string, flags = ''): boolean {
  const refuse = (why: string) =>
    new RehearsalError(
      'PatternInvalid',
      `${where}, '${pattern}', ${why}. Write a simpler one in the CDK app.`,
    );
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, flags);
  } catch {
    throw refuse('is no regular expression');
  }
  try {
    const found: unknown = runInNewContext(
      'expression.test(text)',
      { expression, text },
      { timeout: LIMIT_MS },
    );
    return found === true;
  } catch {
    throw refuse(
      `takes longer than ${LIMIT_MS} ms to compare with a text of ${text.length} characters`,
    );
  }
}
