/** Patterns with `*`, as policies, listener rules, event patterns and tag filters have them. */

/** One step of a pattern. */
export interface Token {
  readonly accepts: (character: string) => boolean;
  /** `*`: any number of times, also none */
  readonly repeats: boolean;
}

const anything = () => true;

/** `*` is any text, `?` any one character; everything else is itself. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matchesTokens(tokensOf(pattern), text);
}

/** @param wild what `*` and `?` stand for */
export function tokensOf(pattern: string, wild: Token['accepts'] = anything): Token[] {
  return Array.from(pattern, (character) =>
    character === '*' || character === '?'
      ? { accepts: wild, repeats: character === '*' }
      : literal(character),
  );
}

/** A character that stands for itself. */
export function literal(character: string): Token {
  return { accepts: (other) => other === character, repeats: false };
}

/** Any text. */
export const ANY_TEXT: Token = { accepts: anything, repeats: true };

/**
 * Follows all ways through the pattern at once. A regular expression would try them one after the
 * other, and a policy with twenty stars would keep it busy for hours.
 */
export function matchesTokens(tokens: readonly Token[], text: string): boolean {
  let reached = withSkipped(tokens, new Set([0]));
  for (const character of text) {
    const next = new Set<number>();
    for (const position of reached) {
      const token = tokens[position];
      if (token?.accepts(character)) next.add(token.repeats ? position : position + 1);
    }
    reached = withSkipped(tokens, next);
  }
  return reached.has(tokens.length);
}

/** Adds the positions that are reached when a `*` stands for nothing. */
function withSkipped(tokens: readonly Token[], positions: Set<number>): Set<number> {
  // A set also visits what is added to it meanwhile.
  for (const position of positions) if (tokens[position]?.repeats) positions.add(position + 1);
  return positions;
}
