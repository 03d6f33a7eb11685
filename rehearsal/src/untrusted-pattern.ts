import { createContext, Script } from 'node:vm';
import { RehearsalError } from './errors';

/** Some patterns take longer than anybody's life; honest ones take less than a millisecond. */
const LIMIT_MS = 1000;

const FIND = new Script('expression.exec(text)');

/** A regular expression that a template brings along. */
export interface UntrustedPattern {
  /**
   * The first match in a text, with its groups.
   *
   * @throws RehearsalError `PatternInvalid` when it takes too long; from then on, always
   */
  find(text: string): RegExpExecArray | undefined;
}

/**
 * @param where it stands, for the error, e.g. `the AllowedPattern of parameter 'Stage'`
 * @param flags of the expression, e.g. `s`
 * @throws RehearsalError `PatternInvalid` when it is no regular expression
 */
export function untrustedPattern(pattern: string, where: string, flags = ''): UntrustedPattern {
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
  const names = { expression, text: '' };
  const context = createContext(names);
  let refusal: RehearsalError | undefined;
  return {
    find(text) {
      if (refusal !== undefined) throw refusal;
      names.text = text;
      try {
        const found: unknown = FIND.runInContext(context, { timeout: LIMIT_MS });
        return (found as RegExpExecArray | null) ?? undefined;
      } catch {
        refusal = refuse(
          `takes longer than ${LIMIT_MS} ms to compare with a text of ${text.length} characters`,
        );
        throw refusal;
      }
    },
  };
}

/**
 * Whether a pattern that a template brings along matches a text.
 *
 * @throws RehearsalError `PatternInvalid` when it is no regular expression, or takes too long
 */
export function matchesPattern(pattern: string, text: string, where: string, flags = ''): boolean {
  return untrustedPattern(pattern, where, flags).find(text) !== undefined;
}
