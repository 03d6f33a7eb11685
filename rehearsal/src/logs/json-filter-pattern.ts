import { jsonObject, jsonSelector, type JsonSelector, SELECTOR } from './json-selector';

/** Whether a log event is one that the filter counts. */
export type LogEventTest = (message: string) => boolean;

/** Why a filter pattern is refused; the caller adds where it stands. */
export class FilterPatternProblem extends Error {}

type Condition = (event: unknown) => boolean;
type Comparison = (actual: number, wanted: number) => boolean;

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '<': (actual, wanted) => actual < wanted,
  '<=': (actual, wanted) => actual <= wanted,
  '>': (actual, wanted) => actual > wanted,
  '>=': (actual, wanted) => actual >= wanted,
};

/**
 * `{ $.detail.state = "FAILED" && $.detail.version > 1 }`
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
 *
 * @throws FilterPatternProblem saying what is expected, and where
 */
export function jsonFilterPattern(pattern: string): LogEventTest {
  const condition = new Parser(pattern).parse();
  return (message) => {
    const event = jsonObject(message);
    return event !== undefined && condition(event);
  };
}

/** Reads by recursive descent: parentheses bind before &&, that before ||. */
class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  parse(): Condition {
    this.expect('{');
    const condition = this.alternatives();
    this.expect('}');
    if (this.text.slice(this.at).trim() !== '') throw this.problem('nothing more');
    return condition;
  }

  private alternatives(): Condition {
    const conditions = [this.conjunction()];
    while (this.take('||')) conditions.push(this.conjunction());
    return (event) => conditions.some((condition) => condition(event));
  }

  private conjunction(): Condition {
    const conditions = [this.condition()];
    while (this.take('&&')) conditions.push(this.condition());
    return (event) => conditions.every((condition) => condition(event));
  }

  private condition(): Condition {
    if (this.take('(')) {
      const inner = this.alternatives();
      this.expect(')');
      return inner;
    }
    const selector = this.match(SELECTOR);
    if (selector === undefined) throw this.problem('a selector such as $.detail.state');
    return this.comparison(jsonSelector(selector));
  }

  private comparison(find: JsonSelector): Condition {
    if (this.match(/NOT\s+EXISTS\b/y) !== undefined) return (event) => find(event) === undefined;
    const literal = this.match(/IS\s+(?:NULL|TRUE|FALSE)\b/y)?.split(/\s+/)[1];
    if (literal !== undefined) {
      const wanted: unknown = JSON.parse(literal.toLowerCase());
      return (event) => find(event) === wanted;
    }
    const operator = this.match(/!=|<=|>=|=|<|>/y);
    if (operator === undefined) throw this.problem('an operator, IS or NOT EXISTS');
    const value = this.value();
    const compare = COMPARISONS[operator];
    if (compare === undefined) {
      const test = valueTest(value);
      return (event) => {
        const actual = find(event);
        // Both = and != need a value: objects, arrays and absent properties match neither.
        return isValue(actual) && test(actual) === (operator === '=');
      };
    }
    if (!NUMBER.test(value)) throw this.problem(`a number after ${operator}`);
    return (event) => {
      const actual = find(event);
      return typeof actual === 'number' && compare(actual, Number(value));
    };
  }

  private value(): string {
    const quoted = this.match(/"(?:[^"\\]|\\.)*"/y);
    if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(.)/g, '$1');
    const bare = this.match(/[^\s"(){}&|%]+/y);
    if (bare === undefined) throw this.problem('a value');
    return bare;
  }

  private match(pattern: RegExp): string | undefined {
    this.at += /^\s*/.exec(this.text.slice(this.at))?.[0].length ?? 0;
    const sticky = new RegExp(pattern);
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private take(token: string): boolean {
    const rest = this.text.slice(this.at).trimStart();
    if (!rest.startsWith(token)) return false;
    this.at = this.text.length - rest.length + token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw this.problem(`'${token}'`);
  }

  private problem(expected: string): FilterPatternProblem {
    const rest = this.text.slice(this.at).trim();
    return new FilterPatternProblem(`expected ${expected} before '${rest || 'the end'}'`);
  }
}

/** A text with `*` at its ends matches what is before, after or around it; elsewhere `*` is itself. */
function valueTest(wanted: string): (actual: string | number | boolean) => boolean {
  if (wanted === '*') return () => true;
  const middle = wanted.replace(/^\*|\*$/g, '');
  const open = wanted.startsWith('*');
  const unfinished = wanted.endsWith('*');
  const isNumber = NUMBER.test(wanted);
  return (actual) => {
    const text = String(actual);
    if (open && unfinished) return text.includes(middle);
    if (open) return text.endsWith(middle);
    if (unfinished) return text.startsWith(middle);
    return isNumber && typeof actual === 'number' ? actual === Number(wanted) : text === wanted;
  };
}

function isValue(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
