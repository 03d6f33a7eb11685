import type { LogEventTest } from './filter-pattern';
import { jsonObject, jsonSelector, type JsonSelector, SELECTOR } from './json-selector';
import { PatternScanner } from './pattern-scanner';

type Condition = (event: unknown) => boolean;

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
  private readonly scanner: PatternScanner;

  constructor(text: string) {
    this.scanner = new PatternScanner(text);
  }

  parse(): Condition {
    this.scanner.expect('{');
    const condition = this.alternatives();
    this.scanner.expect('}');
    this.scanner.expectEnd();
    return condition;
  }

  private alternatives(): Condition {
    const conditions = [this.conjunction()];
    while (this.scanner.take('||')) conditions.push(this.conjunction());
    return (event) => conditions.some((condition) => condition(event));
  }

  private conjunction(): Condition {
    const conditions = [this.condition()];
    while (this.scanner.take('&&')) conditions.push(this.condition());
    return (event) => conditions.every((condition) => condition(event));
  }

  private condition(): Condition {
    if (this.scanner.take('(')) {
      const inner = this.alternatives();
      this.scanner.expect(')');
      return inner;
    }
    const selector = this.scanner.match(SELECTOR);
    if (selector === undefined) throw this.scanner.problem('a selector such as $.detail.state');
    return this.comparison(jsonSelector(selector));
  }

  private comparison(find: JsonSelector): Condition {
    const { scanner } = this;
    if (scanner.match(/NOT\s+EXISTS\b/y) !== undefined) return (event) => find(event) === undefined;
    const literal = scanner.match(/IS\s+(?:NULL|TRUE|FALSE)\b/y)?.split(/\s+/)[1];
    if (literal !== undefined) {
      const wanted: unknown = JSON.parse(literal.toLowerCase());
      return (event) => find(event) === wanted;
    }
    const test = scanner.comparison(
      'an operator, IS or NOT EXISTS',
      (actual) => typeof actual === 'number',
    );
    return (event) => {
      const actual = find(event);
      // Both = and != need a value: objects, arrays and absent properties match neither.
      return isValue(actual) && test(actual);
    };
  }
}

function isValue(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
