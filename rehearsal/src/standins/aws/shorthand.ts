/** The text is no shorthand: what the CLI expected and where. */
export class ShorthandError extends Error {
  override readonly name = 'ShorthandError';
}

type Shorthand = string | Shorthand[] | { [key: string]: Shorthand };

/**
 * Parses `key=value,key2=[a,b],key3={nested=value}`. Values stay text.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html
 *
 * @throws ShorthandError
 */
export function parseShorthand(text: string): Record<string, Shorthand> {
  return new ShorthandParser(text).document();
}

class ShorthandParser {
  private position = 0;

  constructor(private readonly text: string) {}

  document(): Record<string, Shorthand> {
    const pairs = this.pairs('');
    if (this.position < this.text.length) this.fail("','");
    return pairs;
  }

  /** `key=value` separated by commas, up to `end` */
  private pairs(end: string): Record<string, Shorthand> {
    const result: Record<string, Shorthand> = {};
    do {
      const key = this.take(/[\w.\-/#:]+/y) ?? this.fail('a key');
      if (Object.hasOwn(result, key)) this.fail(`"${key}" only once`);
      this.expect('=');
      result[key] = this.value(end);
    } while (this.accept(','));
    return result;
  }

  private value(end: string): Shorthand {
    if (this.accept('[')) {
      const items: Shorthand[] = [];
      while (!this.accept(']')) {
        items.push(this.bracketed(']'));
        if (!this.accept(',') && this.peek() !== ']') this.fail("']'");
      }
      return items;
    }
    if (this.accept('{')) {
      const pairs = this.pairs('}');
      this.expect('}');
      return pairs;
    }
    const first = this.scalar(end);
    // `key=a,b,other=c`: what follows a comma belongs to the key as long as it is no pair itself.
    const items = [first];
    while (this.peek() === ',' && !this.pairFollows(end)) {
      this.position += 1;
      items.push(this.scalar(end));
    }
    return items.length === 1 ? first : items;
  }

  private bracketed(end: string): Shorthand {
    return this.peek() === '{' || this.peek() === '[' ? this.value(end) : this.scalar(end);
  }

  private scalar(end: string): string {
    const quoted = this.take(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y);
    if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(["'\\])/g, '$1');
    const stop = end === '' ? ',' : `,\\${end}`;
    return (this.take(new RegExp(`(?:\\\\,|[^${stop}])*`, 'y')) ?? '').replace(/\\,/g, ',').trim();
  }

  private pairFollows(end: string): boolean {
    const rest = this.text.slice(this.position + 1);
    return rest === '' || /^\s*[\w.\-/#:]+\s*=/.test(rest.split(end || '\n')[0] ?? '');
  }

  private peek(): string | undefined {
    return this.text[this.position];
  }

  private accept(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position += 1;
    return true;
  }

  private expect(character: string): void {
    if (!this.accept(character)) this.fail(`'${character}'`);
  }

  private take(pattern: RegExp): string | undefined {
    while (this.peek() === ' ') this.position += 1;
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text)?.[0];
    if (match !== undefined) this.position += match.length;
    return match;
  }

  private fail(expected: string): never {
    const received =
      this.peek() === undefined
        ? "'EOF'"
        : `'${this.text.slice(this.position, this.position + 1)}'`;
    throw new ShorthandError(
      `Expected: ${expected}, received: ${received} for input:\n${this.text}\n${' '.repeat(this.position)}^`,
    );
  }
}
