import { FilterPatternProblem } from './filter-pattern-problem';

type CharacterTest = (character: string) => boolean;

/** One character of the text, or none where it is optional; as often as it likes where it repeats. */
interface Step {
  readonly test: CharacterTest;
  readonly isOptional: boolean;
  readonly repeats: boolean;
}

interface Alternative {
  readonly steps: readonly Step[];
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

/** What stands for itself; everything else has to be escaped, the space among it. */
const LITERAL = /^[A-Za-z0-9:_#=@/;,-]$/;
const CLASSES: Readonly<Record<string, RegExp>> = {
  d: /^[0-9]$/,
  D: /^[^0-9]$/,
  s: /^\s$/,
  S: /^\S$/,
  w: /^[A-Za-z0-9_]$/,
  W: /^[^A-Za-z0-9_]$/,
};
/** Copies that a `{m,n}` may make of what is before it. */
const LARGEST_COUNT = 1000;

/**
 * A regular expression of CloudWatch Logs: neither parentheses nor multi-byte characters. It is
 * followed through all its ways at once, so no pattern takes longer than its length times the
 * text's.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
 *
 * @param pattern without the percent signs around it
 * @throws FilterPatternProblem
 */
export function logRegex(pattern: string): (text: string) => boolean {
  const alternatives = new Parser(pattern).parse();
  return (text) => alternatives.some((alternative) => isIn(alternative, Array.from(text)));
}

function isIn({ steps, atStart, atEnd }: Alternative, characters: readonly string[]): boolean {
  let places = withSkipped(steps, new Set([0]));
  for (const character of characters) {
    if (places.has(steps.length) && !atEnd) return true;
    const next = new Set<number>(atStart ? [] : [0]);
    for (const place of places) {
      const step = steps[place];
      if (step?.test(character) !== true) continue;
      next.add(place + 1);
      if (step.repeats) next.add(place);
    }
    places = withSkipped(steps, next);
  }
  return places.has(steps.length);
}

/** Adds the places that are reached by leaving optional steps out. */
function withSkipped(steps: readonly Step[], places: Set<number>): Set<number> {
  // A set goes on to what is added while it is walked through.
  for (const place of places) if (steps[place]?.isOptional === true) places.add(place + 1);
  return places;
}

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  parse(): Alternative[] {
    if (this.text === '') throw new FilterPatternProblem('a regular expression is empty');
    const alternatives = [this.alternative()];
    while (this.take('|')) alternatives.push(this.alternative());
    return alternatives;
  }

  private alternative(): Alternative {
    const atStart = this.take('^');
    const steps: Step[] = [];
    while (this.at < this.text.length && this.peek() !== '|') {
      if (this.take('$')) {
        if (this.at < this.text.length && this.peek() !== '|') throw this.problem("'$' is no end");
        return { steps, atStart, atEnd: true };
      }
      steps.push(...this.repeated(this.character()));
    }
    return { steps, atStart, atEnd: false };
  }

  private repeated(test: CharacterTest): Step[] {
    const one = { test, isOptional: false, repeats: false };
    if (this.take('?')) return [{ ...one, isOptional: true }];
    if (this.take('*')) return [{ test, isOptional: true, repeats: true }];
    if (this.take('+')) return [{ ...one, repeats: true }];
    const [all, from = '', comma, to = ''] = this.match(/\{(\d+)(,?)(\d*)\}/y) ?? [];
    if (all === undefined) return [one];
    const least = Number(from);
    const most = comma === '' ? least : to === '' ? undefined : Number(to);
    if ((most ?? least) > LARGEST_COUNT || (most ?? least) < least)
      throw this.problem(`'${all}' is no count up to ${LARGEST_COUNT}`);
    const wanted = Array.from({ length: least }, () => one);
    if (most === undefined) return [...wanted, { test, isOptional: true, repeats: true }];
    const optional = { ...one, isOptional: true };
    return [...wanted, ...Array.from({ length: most - least }, () => optional)];
  }

  private character(): CharacterTest {
    if (this.take('.')) return () => true;
    if (this.take('[')) return this.characterClass();
    return this.single();
  }

  private characterClass(): CharacterTest {
    const isNegated = this.take('^');
    const tests: CharacterTest[] = [];
    while (!this.take(']')) {
      const [range, from = '', to = ''] = this.match(/([A-Za-z0-9])-([A-Za-z0-9])/y) ?? [];
      if (range === undefined) tests.push(this.single(/^[.*+?$|{}^]$/));
      else if (from > to) throw this.problem(`'${range}' is no range`);
      else tests.push((character) => character >= from && character <= to);
    }
    if (tests.length === 0) throw this.problem("'[]' holds no character");
    return (character) => tests.some((test) => test(character)) !== isNegated;
  }

  /** A character as it is, or escaped. */
  private single(plain?: RegExp): CharacterTest {
    const character = this.text[this.at] ?? '';
    this.at += 1;
    if (character === '\\') return this.escaped();
    if (!LITERAL.test(character) && plain?.test(character) !== true)
      throw this.problem(`'${character || 'the end'}' is not allowed here`);
    return (other) => other === character;
  }

  private escaped(): CharacterTest {
    const [, code] = this.match(/x([0-7][0-9A-Fa-f])/y) ?? [];
    if (code !== undefined) return (other) => other.charCodeAt(0) === Number.parseInt(code, 16);
    const character = this.text[this.at] ?? '';
    this.at += 1;
    const known = CLASSES[character];
    if (known !== undefined) return (other) => known.test(other);
    if (!/^[!-~]$/.test(character) || /^[A-Za-z0-9]$/.test(character))
      throw this.problem(`'\\${character}' is not allowed`);
    return (other) => other === character;
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at += 1;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern);
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text) ?? undefined;
    this.at += found?.[0].length ?? 0;
    return found;
  }

  private problem(what: string): FilterPatternProblem {
    return new FilterPatternProblem(
      `${what} in the regular expression %${this.text}%, which may have letters, digits, :_#=@/;,- and the operators ^ $ ? [ ] { } | \\ * + .`,
    );
  }
}
