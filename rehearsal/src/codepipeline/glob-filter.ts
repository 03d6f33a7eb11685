import picomatch from 'picomatch';
import type { GlobFilter } from './pipeline-definition';

/**
 * Whether a branch, tag or path passes: it matches no exclude and, if there are includes, one of
 * them. `*` stays within a path segment, `**` crosses them.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html
 */
export function passesFilter({ includes, excludes }: GlobFilter, text: string): boolean {
  const matches = (patterns: readonly string[]) =>
    patterns.some((pattern) => picomatch(pattern, { dot: true, nonegate: true })(text));
  return !matches(excludes) && (includes.length === 0 || matches(includes));
}
