/** `*` is any text, `?` any one character; everything else is itself. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return regexOf(pattern, '.*', '.').test(text);
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
  const segments = complete
    .split(':')
    .map((segment) =>
      segment.endsWith('*') ? `${segmentSource(segment.slice(0, -1))}.*` : segmentSource(segment),
    );
  return new RegExp(`^${segments.join(':')}$`, 's').test(resource);
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

function segmentSource(pattern: string): string {
  return source(pattern, '[^:]*', '[^:]');
}

function regexOf(pattern: string, many: string, one: string): RegExp {
  return new RegExp(`^${source(pattern, many, one)}$`, 's');
}

function source(pattern: string, many: string, one: string): string {
  return pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', many)
    .replaceAll('?', one);
}
