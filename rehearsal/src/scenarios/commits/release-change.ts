import { posix } from 'node:path';
import type { FileChange } from './repository';

/** One file, and the message of the commit that changes it. */
export interface Change extends FileChange {
  readonly content: string;
  readonly message: string;
}

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md */
const LABEL = 'LABEL org.opencontainers.image.version=';

/**
 * The change that a rehearsed release pushes: the next patch version of the package beside the
 * Dockerfile, as a release would; a label of the image where there is no such package. Either makes
 * another image: a commit that did not would be released as what runs already.
 *
 * @param files paths of the commit
 * @param buildspec text of the buildspec, which may name the Dockerfile
 * @returns undefined when the repository has no Dockerfile
 */
export function releaseChange(
  files: readonly string[],
  buildspec: string,
  read: (path: string) => string,
): Change | undefined {
  const dockerfile = dockerfileOf(files, buildspec);
  if (dockerfile === undefined) return undefined;
  const manifest = posix.join(posix.dirname(dockerfile), 'package.json');
  const bumped = files.includes(manifest) ? nextPatch(read(manifest)) : undefined;
  if (bumped !== undefined) {
    return { path: manifest, content: bumped.content, message: `Release ${bumped.version}` };
  }
  const text = read(dockerfile);
  const number = text.split(LABEL).length;
  const content = `${text.trimEnd()}\n${LABEL}"rehearsed-${number}"\n`;
  return { path: dockerfile, content, message: `Rehearsed release ${number}` };
}

/** Path of the Dockerfile that the buildspec names, else of the one nearest to the root. */
export function dockerfileOf(files: readonly string[], buildspec: string): string | undefined {
  const named = /docker\s[^\n]*\s(?:-f|--file)[ =]["']?([\w./-]+)/.exec(buildspec)?.[1];
  const wanted = named === undefined ? undefined : posix.normalize(named);
  const dockerfiles = files
    .filter((path) => posix.basename(path) === 'Dockerfile')
    .sort((a, b) => a.split('/').length - b.split('/').length || a.localeCompare(b));
  return files.find((path) => path === wanted) ?? dockerfiles[0];
}

function nextPatch(manifest: string): { version: string; content: string } | undefined {
  const found = /("version"\s*:\s*")(\d+\.\d+\.)(\d+)(")/.exec(manifest);
  if (found === null) return undefined;
  const [text, before = '', minor = '', patch = '', after = ''] = found;
  const version = `${minor}${Number(patch) + 1}`;
  return { version, content: manifest.replace(text, `${before}${version}${after}`) };
}
