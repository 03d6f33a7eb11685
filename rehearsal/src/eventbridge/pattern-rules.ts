import { ANY_TEXT, literal, matchesTokens, type Token } from '../wildcard';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** A value of an event that is neither object nor array. */
export type Leaf = string | number | boolean | null;

/** One entry of a pattern's list. */
export interface PatternRule {
  /** Whether it holds when the event lacks the field */
  readonly whenAbsent: boolean;
  /** Whether it holds for a value of the field; of a list, one value is enough */
  readonly matches: (value: Leaf) => boolean;
}

/** Why a pattern is refused; the caller adds where it stands. */
export class PatternProblem extends Error {}

type Test = (value: string) => boolean;

/**
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *
 * @throws PatternProblem naming an operator or a value that is not understood
 */
export function patternRule(entry: unknown): PatternRule {
  if (isLeaf(entry)) return whenPresent((value) => value === entry);
  const [operator, operand] = onlyEntry(entry);
  switch (operator) {
    case 'exists':
      if (typeof operand !== 'boolean') throw wrong(operator, operand, 'true or false');
      return { whenAbsent: !operand, matches: () => operand };
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
    case 'wildcard':
      return whenPresent(onText(textTest(operator, operand)));
    case 'anything-but':
      return whenPresent(anythingBut(operand));
    case 'numeric':
      return whenPresent(numeric(operand));
    case 'cidr':
      return whenPresent(onText(cidr(operand)));
    default:
      throw new PatternProblem(
        `Unrecognized match type ${operator}; there are prefix, suffix, equals-ignore-case, wildcard, anything-but, exists, numeric, cidr`,
      );
  }
}

function whenPresent(matches: (value: Leaf) => boolean): PatternRule {
  return { whenAbsent: false, matches };
}

function onText(test: Test): (value: Leaf) => boolean {
  return (value) => typeof value === 'string' && test(value);
}

function textTest(operator: string, operand: unknown): Test {
  if (operator === 'prefix' || operator === 'suffix') {
    const [text, fold] = caseFolding(operator, operand);
    return operator === 'prefix'
      ? (value) => fold(value).startsWith(fold(text))
      : (value) => fold(value).endsWith(fold(text));
  }
  if (typeof operand !== 'string') throw wrong(operator, operand, 'a text');
  if (operator === 'wildcard') {
    const tokens = wildcardTokens(operand);
    return (value) => matchesTokens(tokens, value);
  }
  return (value) => value.toLowerCase() === operand.toLowerCase();
}

/** `{"prefix": "x"}` or `{"prefix": {"equals-ignore-case": "x"}}` */
function caseFolding(operator: string, operand: unknown): [string, (text: string) => string] {
  if (typeof operand === 'string') return [operand, (text) => text];
  const [inner, text] = onlyEntry(operand);
  if (inner !== 'equals-ignore-case' || typeof text !== 'string') {
    throw wrong(operator, operand, 'a text, or {"equals-ignore-case": a text}');
  }
  return [text, (value) => value.toLowerCase()];
}

/** `*` is any text; a backslash before it, or before another, makes it itself. */
function wildcardTokens(text: string): Token[] {
  if (/(?<!\\)\*\*/.test(text)) {
    throw new PatternProblem(`Consecutive wildcard characters in '${text}'`);
  }
  const parts = text.match(/\\[*\\]|[^]/gu) ?? [];
  return parts.map((part) => (part === '*' ? ANY_TEXT : literal(part.at(-1) ?? '')));
}

function anythingBut(operand: unknown): (value: Leaf) => boolean {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [operator, texts] = onlyEntry(operand);
    if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator)) {
      throw new PatternProblem(`Unrecognized match type ${operator} in anything-but`);
    }
    const tests = listOf(texts).map((text) => onText(textTest(operator, text)));
    return (value) => !tests.some((test) => test(value));
  }
  const excluded = listOf(operand);
  if (excluded.length === 0 || !excluded.every(isLeaf)) {
    throw wrong('anything-but', operand, 'values, or an operator on texts');
  }
  return (value) => !excluded.includes(value);
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

/** `[">", 0, "<=", 5]`: every comparison must hold. */
function numeric(operand: unknown): (value: Leaf) => boolean {
  const allowed = 'one or two comparisons such as [">", 0, "<=", 5]';
  if (!Array.isArray(operand) || ![2, 4].includes(operand.length)) {
    throw wrong('numeric', operand, allowed);
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const compare = COMPARISONS[String(operand[at])];
    const limit: unknown = operand[at + 1];
    if (compare === undefined || typeof limit !== 'number')
      throw wrong('numeric', operand, allowed);
    tests.push((value) => compare(value, limit));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(operand: unknown): Test {
  const [, network = '', bits = ''] = /^(.*)\/(\d+)$/.exec(String(operand)) ?? [];
  const family = isIPv4(network) ? 'ipv4' : isIPv6(network) ? 'ipv6' : undefined;
  if (family === undefined || Number(bits) > (family === 'ipv4' ? 32 : 128)) {
    throw wrong('cidr', operand, 'an address block such as 10.0.0.0/24');
  }
  const block = new BlockList();
  block.addSubnet(network, Number(bits), family);
  return (value) => (isIPv4(value) || isIPv6(value)) && block.check(value, familyOf(value));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

export function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function onlyEntry(value: unknown): [string, unknown] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1 || Array.isArray(value)) {
    throw new PatternProblem(
      `Only one key allowed in match expression, got ${JSON.stringify(value)}`,
    );
  }
  return entry;
}

function wrong(operator: string, operand: unknown, allowed: string): PatternProblem {
  return new PatternProblem(`${operator} takes ${allowed}, got ${JSON.stringify(operand)}`);
}
