import {
  chmodSync,
  copyFileSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, posix, sep } from 'node:path';
import { entriesBelow, type FileTree, isDirectoryOf } from './file-tree';

/** Where a path of an image really is, its root file system being the directory `root`. */
export function hostPath(root: string, imagePath: string): string {
  return join(root, posix.resolve('/', imagePath));
}

/**
 * A text with the image's absolute paths replaced by where they are on this machine:
 * `/app/main.js`, `--import=/app/hook.mjs`, `/app/bin:/usr/bin`. Paths that the image does not have
 * (`/usr/bin`) stay: they are the base image's, and this machine stands in for it.
 */
export function withHostPaths(root: string, text: string): string {
  return text.replace(/(^|[:=])(\/[^:=/][^:=]*)/g, (whole, before: string, path: string) =>
    existsSync(hostPath(root, path)) ? `${before}${hostPath(root, path)}` : whole,
  );
}

/** The variables of an image with its paths as in `withHostPaths`. */
export function environmentOnHost(
  root: string,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => {
      if (name !== 'PATH') return [name, withHostPaths(root, value)];
      // A directory such as /usr/local/bin can be both in the image and, with Node, on this machine.
      const directories = value.split(':').flatMap((directory) => {
        const mapped = withHostPaths(root, directory);
        return mapped === directory ? [directory] : [mapped, directory];
      });
      return [name, directories.join(':')];
    }),
  );
}

/**
 * Copies as COPY does: the contents of a directory, or one file, into `destination` (absolute path
 * in the image; a directory when it ends in `/`, exists as one, or there are several sources).
 *
 * @returns the number of files copied
 */
export function copyIntoImage(options: {
  readonly tree: FileTree;
  readonly sources: readonly string[];
  readonly root: string;
  readonly destination: string;
  /** e.g. 0o755; as in the source when undefined */
  readonly mode: number | undefined;
}): number {
  const { tree, sources, root, destination, mode } = options;
  const target = hostPath(root, destination);
  const intoDirectory = sources.length > 1 || /\/\.?$/.test(destination) || isDirectory(target);
  let copied = 0;
  for (const source of sources) {
    if (isDirectoryOf(tree, source)) {
      makeDirectory(root, target);
      for (const { path, isDirectory } of entriesBelow(tree, source)) {
        const to = join(target, path);
        if (isDirectory) makeDirectory(root, to);
        else copyFile(root, join(tree.root, source, path), to, mode);
        if (!isDirectory) copied += 1;
      }
    } else {
      const to = intoDirectory ? join(target, basename(source)) : target;
      copyFile(root, join(tree.root, source), to, mode);
      copied += 1;
    }
  }
  return copied;
}

function copyFile(root: string, from: string, to: string, mode: number | undefined): void {
  makeDirectory(root, dirname(to));
  rmSync(to, { force: true, recursive: true });
  const status = lstatSync(from);
  if (status.isSymbolicLink()) return symlinkSync(readlinkSync(from), to);
  if (!status.isFile()) return;
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, mode ?? status.mode & 0o777);
}

/** Makes a directory of the image; a link in the image must not lead the copy out of it. */
export function makeDirectory(root: string, directory: string): void {
  mkdirSync(directory, { recursive: true });
  const real = realpathSync(directory);
  const realRoot = realpathSync(root);
  if (real === realRoot || real.startsWith(realRoot + sep)) return;
  throw new Error(`'${directory.slice(root.length)}' is a link that leads out of the image`);
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
