import picomatch from 'picomatch';

/** What `.dockerignore` keeps out of the build context. Paths are relative, with `/`. */
export interface IgnoreRules {
  ignores(path: string): boolean;
  /** Whether something below an ignored directory may be let in again, so that it must be read */
  mayLetInBelow(directory: string): boolean;
}

/** Docker's wildcards are Go's: `*`, `?`, `[…]` within one name; `**` across directories here. */
export function matcher(pattern: string): (path: string) => boolean {
  return picomatch(pattern, { dot: true, nobrace: true, noext: true, nonegate: true });
}

/**
 * Reads a .dockerignore file: a later rule wins over an earlier one, `!` lets in again, and a rule
 * for a directory holds for all that is in it.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function parseDockerignore(content: string): IgnoreRules {
  const rules = content
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const letsIn = line.startsWith('!');
      const pattern = cleanPath(letsIn ? line.slice(1) : line);
      return { letsIn, pattern, matches: matcher(pattern) };
    })
    .filter(({ pattern }) => pattern !== '');
  const ignores = (path: string) => {
    let ignored = false;
    for (const { letsIn, matches } of rules) {
      if (ignored === letsIn && ancestors(path).some((place) => matches(place))) ignored = !letsIn;
    }
    return ignored;
  };
  const mayLetInBelow = (directory: string) => {
    const names = directory.split('/');
    return rules.some(({ letsIn, pattern }) => {
      if (!letsIn) return false;
      const parts = pattern.split('/');
      const fixed = parts.includes('**') ? parts.indexOf('**') : parts.length;
      return names
        .slice(0, fixed)
        .every((name, index) => parts[index] !== undefined && matcher(parts[index])(name));
    });
  };
  return { ignores, mayLetInBelow };
}

/** A pattern or source as a path relative to the root of the context, without `.` and `..`. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** `a/b/c` → `a`, `a/b`, `a/b/c` */
function ancestors(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
