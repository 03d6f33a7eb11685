import { RehearsalError } from '../errors';
import { FilterPatternProblem, jsonFilterPattern, type LogEventTest } from './json-filter-pattern';

/** A pattern that the engine applies, or why it does not. */
export type FilterPattern = { readonly matches: LogEventTest } | { readonly unplayed: string };

/**
 * A filter pattern of CloudWatch Logs: terms, or conditions on JSON. Patterns for fields between
 * spaces and regular expressions are not played.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @param where it stands, for the error
 * @throws RehearsalError `FilterPatternInvalid`
 */
export function parseFilterPattern(pattern: string, where: string): FilterPattern {
  const text = pattern.trim();
  if (text.startsWith('[')) return { unplayed: 'a pattern for fields between spaces' };
  if (/(^|[\s=?-])%.*%/.test(text)) return { unplayed: 'a pattern with a regular expression' };
  try {
    return { matches: text.startsWith('{') ? jsonFilterPattern(text) : termPattern(text) };
  } catch (error) {
    if (!(error instanceof FilterPatternProblem)) throw error;
    throw new RehearsalError(
      'FilterPatternInvalid',
      `${where}: the filter pattern is not valid: ${error.message}.\nIt is ${pattern}\nAllowed are terms, e.g. ERROR -health, and conditions on JSON, e.g. { $.level = "error" }.`,
    );
  }
}

/** `ERROR`, `"not found" -health`, `?ERROR ?WARN`; an empty pattern matches everything. */
function termPattern(text: string): LogEventTest {
  const tokens = text.match(/[-?]?"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const terms = (sign: string) =>
    tokens.filter((token) => signOf(token) === sign).map((token) => bareTerm(token, text));
  const [wanted, excluded, optional] = [terms(''), terms('-'), terms('?')];
  return (message) => {
    const isIn = (term: string) => message.includes(term);
    if (excluded.some(isIn) || !wanted.every(isIn)) return false;
    // Beside terms that must be there, optional ones do nothing.
    return optional.length === 0 || wanted.length > 0 || optional.some(isIn);
  };
}

function signOf(token: string): string {
  return /^[-?]/.exec(token)?.[0] ?? '';
}

function bareTerm(token: string, pattern: string): string {
  const term = token.slice(signOf(token).length);
  if (/^".*"$/s.test(term)) return term.slice(1, -1).replace(/\\(.)/g, '$1');
  if (/^\w+$/.test(term)) return term;
  throw new FilterPatternProblem(
    `'${term || pattern}' needs double quotes, as every term with other characters than letters, digits and _`,
  );
}
