import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanPath, type IgnoreRules, matcher } from './dockerignore';

/** One thing in a directory tree; `path` is relative to its root, with `/`. */
export interface TreeEntry {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** A build context or the files of an earlier stage, from which COPY takes. */
export interface FileTree {
  readonly root: string;
  /** Parents before children, sorted by name */
  readonly entries: readonly TreeEntry[];
}

/** Reads a directory, leaving out what `rules` ignore. Links are entries, not followed. */
export function readFileTree(root: string, rules?: IgnoreRules): FileTree {
  const entries: TreeEntry[] = [];
  const visit = (directory: string) => {
    for (const entry of sortedEntries(join(root, directory))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      const isDirectory = entry.isDirectory();
      const ignored = rules?.ignores(path) === true;
      if (!ignored) entries.push({ path, isDirectory });
      if (isDirectory && (!ignored || rules.mayLetInBelow(path))) visit(path);
    }
  };
  visit('');
  return { root, entries };
}

function sortedEntries(directory: string): Dirent[] {
  return readdirSync(directory, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  );
}

/**
 * What a source of COPY means: the paths that it names, `''` for the whole tree. Empty when there
 * is no such thing. https://docs.docker.com/reference/dockerfile/#source
 */
export function findSources(tree: FileTree, source: string): string[] {
  const pattern = cleanPath(source);
  if (pattern === '') return [''];
  const isGlob = /[*?[]/.test(pattern);
  const matches = isGlob ? matcher(pattern) : (path: string) => path === pattern;
  const named = tree.entries.filter(({ path }) => matches(path)).map(({ path }) => path);
  if (named.length > 0 || isGlob) return named;
  // The directory itself is ignored, but something in it was let in again.
  return tree.entries.some(({ path }) => path.startsWith(`${pattern}/`)) ? [pattern] : [];
}

/** Entries below a directory of the tree, with paths relative to that directory. */
export function entriesBelow(tree: FileTree, directory: string): TreeEntry[] {
  if (directory === '') return [...tree.entries];
  const prefix = `${directory}/`;
  return tree.entries
    .filter(({ path }) => path.startsWith(prefix))
    .map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }));
}

/** Whether a path of the tree is a directory; true also for one that only its contents show. */
export function isDirectoryOf(tree: FileTree, path: string): boolean {
  if (path === '') return true;
  const entry = tree.entries.find((other) => other.path === path);
  return entry === undefined || entry.isDirectory;
}
