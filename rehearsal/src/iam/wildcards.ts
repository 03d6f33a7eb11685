import { ANY_TEXT, matchesTokens, matchesWildcard, tokensOf } from '../wildcard';

const insideSegment = (character: string) => character !== ':';

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
      ...(index > 0 ? tokensOf(':') : []),
      ...(segment.endsWith('*')
        ? [...tokensOf(segment.slice(0, -1), insideSegment), ANY_TEXT]
        : tokensOf(segment, insideSegment)),
    ]);
  return matchesTokens(tokens, resource);
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
