import { MATH_FUNCTIONS, type MathArgument, type Periods } from './math-functions';
import { MathProblem, type MathToken, mathTokens } from './math-tokens';
import { array, combined, mapped, type MathValue, scalar, type Series } from './math-values';

/** What an expression may ask for. */
export interface MathContext extends Periods {
  /** The metrics of the request by their id, in its order */
  readonly metrics: ReadonlyMap<string, Series>;
  /** Of a metric or another expression; undefined when there is none */
  readonly valueOf: (id: string) => MathValue | undefined;
}

export type MathExpression = (context: MathContext) => MathValue;

type Operator = (a: number, b: number) => number;

/** Weakest first; a comparison gives 1 or 0. */
const OPERATORS: readonly Readonly<Record<string, Operator>>[] = [
  { OR: (a, b) => Number(a !== 0 || b !== 0), '||': (a, b) => Number(a !== 0 || b !== 0) },
  { AND: (a, b) => Number(a !== 0 && b !== 0), '&&': (a, b) => Number(a !== 0 && b !== 0) },
  {
    '==': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
  { '^': (a, b) => a ** b },
];

/** Words that are arguments by themselves. */
const WORDS = ['REPEAT', 'LINEAR', 'ASC', 'DESC', 'AVG', 'MIN', 'MAX', 'SUM', 'STDDEV'];

/**
 * Metric math of CloudWatch. SEARCH, anomaly detection and what asks other services is not played.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * @returns a function that may throw MathProblem, too: types only show with values
 * @throws MathProblem naming what is not understood
 */
export function parseMetricMath(text: string): MathExpression {
  return new Parser(mathTokens(text)).parse();
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly MathToken[]) {}

  parse(): MathExpression {
    const result = this.binary(0);
    const rest = this.tokens[this.at];
    if (rest !== undefined) throw new MathProblem(`'${rest.text}' is not expected`);
    return result;
  }

  private binary(level: number): MathExpression {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const token = this.tokens[this.at];
      const operator = token?.kind === 'operator' ? operators[token.text] : undefined;
      if (operator === undefined) return left;
      this.at += 1;
      const [first, second] = [left, this.binary(level + 1)];
      left = (context) => combined(first(context), second(context), operator);
    }
  }

  private unary(): MathExpression {
    if (!this.take('-')) return this.operand();
    const operand = this.unary();
    return (context) =>
      mapped(operand(context), (points) => points.map((point) => point && -point));
  }

  private operand(): MathExpression {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token?.kind === 'number') return () => scalar(Number(token.text));
    if (token?.text === '(') {
      const inner = this.binary(0);
      this.expect(')');
      return inner;
    }
    if (token?.text === '[') return this.list();
    if (token?.kind !== 'name') throw new MathProblem(`'${token?.text ?? ''}' is not expected`);
    const { text } = token;
    if (this.take('(')) return this.call(text);
    if (!/^[a-z]/.test(text)) throw new MathProblem(`the word ${text}`);
    return ({ valueOf }) => {
      const value = valueOf(text);
      if (value === undefined) throw new MathProblem(`the id ${text}, which no query has`);
      return value;
    };
  }

  private list(): MathExpression {
    const items = this.items(']', () => this.binary(0));
    return (context) =>
      array(
        items.flatMap((item) => {
          const value = item(context);
          if (value.kind === 'scalar') throw new MathProblem('a number in an array');
          return value.kind === 'array' ? value.series : [value.points];
        }),
      );
  }

  private call(name: string): MathExpression {
    if (name === 'METRICS') return this.metrics();
    if (name === 'PERIOD') {
      this.items(')', () => this.binary(0));
      return ({ seconds }) => scalar(seconds);
    }
    const apply = MATH_FUNCTIONS[name];
    if (apply === undefined) throw new MathProblem(`the function ${name}`);
    const args = this.items(')', () => this.argument());
    return (context) =>
      apply(
        args.map((argument) => argument(context)),
        context,
      );
  }

  private argument(): (context: MathContext) => MathArgument {
    const [token, next] = this.tokens.slice(this.at);
    if (token?.kind !== 'name' || !WORDS.includes(token.text) || next?.text === '(') {
      return this.binary(0);
    }
    this.at += 1;
    return () => ({ kind: 'word', word: token.text });
  }

  /** All metrics, or those with a text in their id */
  private metrics(): MathExpression {
    const token = this.tokens[this.at];
    const part = token?.kind === 'text' ? token.text : '';
    if (token?.kind === 'text') this.at += 1;
    this.expect(')');
    return ({ metrics }) =>
      array([...metrics].filter(([id]) => id.includes(part)).map(([, points]) => points));
  }

  private items<T>(end: string, read: () => T): T[] {
    const items: T[] = [];
    do items.push(read());
    while (this.take(','));
    this.expect(end);
    return items;
  }

  private take(text: string): boolean {
    if (this.tokens[this.at]?.text !== text) return false;
    this.at += 1;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text)) throw new MathProblem(`'${text}' is missing`);
  }
}
