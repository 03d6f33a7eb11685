import { MathProblem, type MathToken, mathTokens } from './math-tokens';

/** Values of the other queries in one period; undefined where there are no data. */
export type MathValues = (id: string) => number | undefined;

export interface MathExpression {
  readonly evaluate: (values: MathValues) => number | undefined;
  /** Queries that it uses */
  readonly uses: readonly string[];
}

type Evaluation = MathExpression['evaluate'];

/** An operator on two numbers; a comparison gives 1 or 0. */
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
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

const FUNCTIONS: Readonly<Record<string, (...args: (Evaluation | undefined)[]) => Evaluation>> = {
  FILL: (series, filler) => (values) => series?.(values) ?? filler?.(values),
  IF: (condition, then, otherwise) => (values) => {
    const chosen = condition?.(values);
    if (chosen === undefined) return undefined;
    return (chosen !== 0 ? then : otherwise)?.(values);
  },
  ABS: (series) => mapped([series], ([value = 0]) => Math.abs(value)),
  CEIL: (series) => mapped([series], ([value = 0]) => Math.ceil(value)),
  FLOOR: (series) => mapped([series], ([value = 0]) => Math.floor(value)),
  MAX: (...series) => mapped(series, (numbers) => Math.max(...numbers)),
  MIN: (...series) => mapped(series, (numbers) => Math.min(...numbers)),
  SUM: (...series) => mapped(series, (numbers) => numbers.reduce((sum, value) => sum + value, 0)),
};

function mapped(
  series: readonly (Evaluation | undefined)[],
  combine: (numbers: readonly number[]) => number,
): Evaluation {
  return (values) => {
    const numbers = series.map((one) => one?.(values));
    return numbers.every((number) => number !== undefined) ? combine(numbers) : undefined;
  };
}

/**
 * The arithmetic part of CloudWatch's metric math, period by period: a period where an operand has
 * no data has no result, and neither has a division by zero.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * @throws MathProblem naming what is not understood
 */
export function parseMetricMath(text: string): MathExpression {
  const parser = new Parser(mathTokens(text));
  const evaluate = parser.parse();
  return {
    evaluate: (values) => {
      const result = evaluate(values);
      return result === undefined || !Number.isFinite(result) ? undefined : result;
    },
    uses: [...parser.ids],
  };
}

class Parser {
  readonly ids = new Set<string>();
  private at = 0;

  constructor(private readonly tokens: readonly MathToken[]) {}

  parse(): Evaluation {
    const result = this.binary(0);
    const rest = this.tokens[this.at];
    if (rest !== undefined) throw new MathProblem(`'${rest.text}' is not expected`);
    return result;
  }

  private binary(level: number): Evaluation {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const token = this.tokens[this.at];
      const operator = token?.kind === 'operator' ? operators[token.text] : undefined;
      if (operator === undefined) return left;
      this.at += 1;
      left = mapped([left, this.binary(level + 1)], ([a = 0, b = 0]) => operator(a, b));
    }
  }

  private unary(): Evaluation {
    if (!this.take('-')) return this.operand();
    const operand = this.unary();
    return mapped([operand], ([value = 0]) => -value);
  }

  private operand(): Evaluation {
    const token = this.tokens[this.at];
    this.at += 1;
    if (token?.kind === 'number') {
      const value = Number(token.text);
      return () => value;
    }
    if (token?.text === '(') {
      const inner = this.binary(0);
      this.expect(')');
      return inner;
    }
    if (token?.kind !== 'name') throw new MathProblem(`'${token?.text ?? ''}' is not expected`);
    const { text } = token;
    if (this.take('(')) return this.call(text);
    if (!/^[a-z]/.test(text)) throw new MathProblem(`the word ${text}`);
    this.ids.add(text);
    return (values) => values(text);
  }

  private call(name: string): Evaluation {
    const build = FUNCTIONS[name.toUpperCase()];
    if (build === undefined) throw new MathProblem(`the function ${name}`);
    const args: Evaluation[] = [];
    do args.push(this.binary(0));
    while (this.take(','));
    this.expect(')');
    return build(...args);
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
