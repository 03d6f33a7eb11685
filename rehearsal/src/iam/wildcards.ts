/** One step of a pattern. */
interface Token {
  readonly accepts: (character: string) => boolean;
  /** `*`: any number of times, also none */
  readonly repeats: boolean;
}

const anything = () => true;
const insideSegment = (character: string) => character !== ':';

/** `*` is any text, `?` any one character; everything else is itself. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matches(tokensOf(pattern, anything), text);
}

/** Actions are not case sensitive. */
export function matchesAction(pattern: string, action: string): boolean {
  return matchesWildcard(pattern.toLowerCase(), action.toLowerCase());
}

/**
 * The Resource element. Within a segment of the ARN `*` stays inside the segment; as the last
 * character of a segment it also reaches beyond the colon. An ARN with fewer than six segments is
 * completed with wildcards.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesResource(pattern: string, resource: string): boolean {
  if (pattern === '*') return true;
  const missing = 6 - pattern.split(':').length;
  const complete = pattern.startsWith('arn:')
    ? pattern + ':*'.repeat(Math.max(missing, 0))
    : pattern;
  const tokens = complete
    .split(':')
    .flatMap((segment, index) => [
      ...(index > 0 ? tokensOf(':', anything) : []),
      ...(segment.endsWith('*')
        ? [...tokensOf(segment.slice(0, -1), insideSegment), ...tokensOf('*', anything)]
        : tokensOf(segment, insideSegment)),
    ]);
  return matches(tokens, resource);
}

/**
 * ArnLike and ArnEquals: each of the six segments is compared by itself.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function matchesArn(pattern: string, arn: string): boolean {
  const patterns = arnSegments(pattern);
  const segments = arnSegments(arn);
  return (
    patterns.length === segments.length &&
    patterns.every((part, index) => matchesWildcard(part, segments[index] ?? ''))
  );
}

/** Six parts; the last may have colons of its own. */
function arnSegments(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/** @param wild what `*` and `?` stand for */
function tokensOf(pattern: string, wild: Token['accepts']): Token[] {
  return Array.from(pattern, (character) =>
    character === '*' || character === '?'
      ? { accepts: wild, repeats: character === '*' }
      : { accepts: (other) => other === character, repeats: false },
  );
}

/**
 * Follows all ways through the pattern at once. A regular expression would try them one after the
 * other, and a policy with twenty stars would keep it busy for hours.
 */
function matches(tokens: readonly Token[], text: string): boolean {
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
