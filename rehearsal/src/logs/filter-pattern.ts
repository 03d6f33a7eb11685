import { RehearsalError } from '../errors';
import { fieldFilterPattern } from './field-filter-pattern';
import { FilterPatternProblem } from './filter-pattern-problem';
import { jsonFilterPattern } from './json-filter-pattern';
import { jsonObject, jsonSelector } from './json-selector';
import { logRegex } from './log-regex';

/** Whether a log event is one that the filter counts. */
export type LogEventTest = (message: string) => boolean;

export interface FilterPattern {
  readonly matches: LogEventTest;
  /** What `$.latency`, or `$bytes` of a pattern for fields, is in an event that matches */
  readonly valueIn: (message: string, selector: string) => unknown;
}

/**
 * A filter pattern of CloudWatch Logs: terms, a regular expression, conditions on JSON, or fields
 * between spaces.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @param where it stands, for the error
 * @throws RehearsalError `FilterPatternInvalid`
 */
export function parseFilterPattern(pattern: string, where: string): FilterPattern {
  try {
    return parse(pattern.trim());
  } catch (error) {
    if (!(error instanceof FilterPatternProblem)) throw error;
    throw new RehearsalError(
      'FilterPatternInvalid',
      `${where}: the filter pattern is not valid: ${error.message}.\nIt is ${pattern}\nAllowed are terms, e.g. ERROR -health, a regular expression, e.g. %[Ee]rror%, conditions on JSON, e.g. { $.level = "error" }, and on fields between spaces, e.g. [..., status = 5*, bytes].`,
    );
  }
}

function parse(text: string): FilterPattern {
  if (text.startsWith('[')) {
    const extract = fieldFilterPattern(text);
    return {
      matches: (message) => extract(message) !== undefined,
      valueIn: (message, selector) => extract(message)?.[selector],
    };
  }
  const valueIn = (message: string, selector: string) =>
    jsonSelector(selector)(jsonObject(message));
  if (text.startsWith('{')) return { matches: jsonFilterPattern(text), valueIn };
  const regex = /^%([^%]*)%$/.exec(text)?.[1];
  return { matches: regex === undefined ? termPattern(text) : logRegex(regex), valueIn };
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
