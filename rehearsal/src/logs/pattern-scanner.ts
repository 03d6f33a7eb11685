import { FilterPatternProblem } from './filter-pattern-problem';
import { logRegex } from './log-regex';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html */
const REGEXES_PER_PATTERN = 2;

export type ValueTest = (actual: string | number | boolean) => boolean;
type Comparison = (actual: number, wanted: number) => boolean;

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '<': (actual, wanted) => actual < wanted,
  '<=': (actual, wanted) => actual <= wanted,
  '>': (actual, wanted) => actual > wanted,
  '>=': (actual, wanted) => actual >= wanted,
};

/** Reads a pattern from left to right; white space between its parts means nothing. */
export class PatternScanner {
  private at = 0;
  private regexes = 0;

  constructor(private readonly text: string) {}

  match(pattern: RegExp): string | undefined {
    this.at += /^\s*/.exec(this.text.slice(this.at))?.[0].length ?? 0;
    const sticky = new RegExp(pattern);
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  take(token: string): boolean {
    const rest = this.text.slice(this.at).trimStart();
    if (!rest.startsWith(token)) return false;
    this.at = this.text.length - rest.length + token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.problem(`'${token}'`);
  }

  expectEnd(): void {
    if (this.text.slice(this.at).trim() !== '') throw this.problem('nothing more');
  }

  /**
   * `= 4*`, `!= "not found"`, `>= 500`, `= %4[0-9]{2}%`
   *
   * @param expected besides an operator, for the error
   * @param isNumber whether a value can be compared by size
   */
  comparison(expected: string, isNumber: (actual: unknown) => boolean): ValueTest {
    const operator = this.match(/!=|<=|>=|=|<|>/y);
    if (operator === undefined) throw this.problem(expected);
    const compare = COMPARISONS[operator];
    if (compare === undefined) {
      const test = this.regex() ?? valueTest(this.value(), isNumber);
      return (actual) => test(actual) === (operator === '=');
    }
    const value = this.value();
    if (!NUMBER.test(value)) throw this.problem(`a number after ${operator}`);
    return (actual) => isNumber(actual) && compare(Number(actual), Number(value));
  }

  problem(expected: string): FilterPatternProblem {
    const rest = this.text.slice(this.at).trim();
    return new FilterPatternProblem(`expected ${expected} before '${rest || 'the end'}'`);
  }

  private regex(): ValueTest | undefined {
    const found = this.match(/%[^%]*%/y);
    if (found === undefined) return undefined;
    this.regexes += 1;
    if (this.regexes > REGEXES_PER_PATTERN)
      throw this.problem(`at most ${REGEXES_PER_PATTERN} regular expressions`);
    const test = logRegex(found.slice(1, -1));
    return (actual) => test(String(actual));
  }

  private value(): string {
    const quoted = this.match(/"(?:[^"\\]|\\.)*"/y);
    if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(.)/g, '$1');
    const bare = this.match(/[^\s"(){}[\],!&|%]+/y);
    if (bare === undefined) throw this.problem('a value');
    return bare;
  }
}

/** Whether text is a number as patterns write them. */
export function isNumeric(text: unknown): boolean {
  return typeof text === 'string' && NUMBER.test(text);
}

/** A text with `*` at its ends matches what is before, after or around it; elsewhere `*` is itself. */
function valueTest(wanted: string, isNumber: (actual: unknown) => boolean): ValueTest {
  if (wanted === '*') return () => true;
  const middle = wanted.replace(/^\*|\*$/g, '');
  const open = wanted.startsWith('*');
  const unfinished = wanted.endsWith('*');
  return (actual) => {
    const text = String(actual);
    if (open && unfinished) return text.includes(middle);
    if (open) return text.endsWith(middle);
    if (unfinished) return text.startsWith(middle);
    return NUMBER.test(wanted) && isNumber(actual)
      ? Number(actual) === Number(wanted)
      : text === wanted;
  };
}
