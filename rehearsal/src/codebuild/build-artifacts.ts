import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { ZipEntry } from '../archive/zip';
import { expandVariables, isInside, localPath, type BuildPaths } from './build-paths';
import type { ArtifactsSpec } from './buildspec';

/** There is nothing to upload; the message is CodeBuild's, for the status code `CLIENT_ERROR`. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
}

/**
 * The files that a buildspec's `artifacts` names. A named file that does not exist is skipped;
 * only when nothing at all is found, the upload fails.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 *
 * @param environment for `$NAME` in the paths
 * @param log takes the lines that CodeBuild's agent writes meanwhile
 * @throws ArtifactError
 */
export async function findArtifacts(
  spec: ArtifactsSpec,
  paths: BuildPaths,
  environment: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Promise<ZipEntry[]> {
  const expand = (text: string) => expandVariables(text, environment);
  const base = await findBase(expand(spec['base-directory'] ?? '.'), paths, log);
  log('Assembling file list');
  const found = new Map<string, ZipEntry>();
  for (const pattern of spec.files.map(expand)) {
    log(`Expanding ${pattern}`);
    const files = await matchFiles(pattern, spec['exclude-paths'].map(expand), base, paths);
    if (files.length === 0) log(`Skipping invalid file path ${pattern}`);
    else log(`Found ${files.length} file(s)`);
    for (const file of files) {
      const from = join(base, file);
      const path = spec['discard-paths'] ? basename(file) : file;
      found.set(path, {
        path,
        from: spec['enable-symlinks'] ? from : await realpath(from),
      });
    }
  }
  if (found.size === 0) throw new ArtifactError('no matching artifact paths found');
  return [...found.values()];
}

/** The base directory may be a pattern (`my-build*`); then the first match is taken. */
async function findBase(
  base: string,
  paths: BuildPaths,
  log: (line: string) => void,
): Promise<string> {
  log(`Expanding base directory path: ${base}`);
  const options = { cwd: paths.source, onlyDirectories: true, expandDirectories: false, dot: true };
  const directory = isDynamicPattern(base)
    ? (await glob(base, options)).sort()[0]
    : localPath(base, paths);
  const path = directory === undefined ? undefined : localPath(directory, paths);
  if (path !== undefined && (await isDirectory(path))) return path;
  throw new ArtifactError(`no matching base directory path found for ${base}`);
}

/** Paths below `base`, sorted. */
async function matchFiles(
  pattern: string,
  exclude: readonly string[],
  base: string,
  paths: BuildPaths,
): Promise<string[]> {
  const local = isAbsolute(pattern) ? relative(base, localPath(pattern, paths)) : pattern;
  if (!isInside(join(base, local), base)) return [];
  const files = await glob(isDynamicPattern(local) ? local : escaped(local), {
    cwd: base,
    dot: true,
    ignore: [...exclude],
    expandDirectories: false,
    followSymbolicLinks: false,
  });
  const existing: string[] = [];
  for (const file of files.sort()) {
    // A link to nothing, or to a directory, is not a file to upload.
    if (await isFile(join(base, file))) existing.push(file);
  }
  return existing;
}

/** A plain file name may hold what a pattern would read as `[…]` or `\`. */
function escaped(path: string): string {
  return path.replace(/^\.\//, '').replace(/[\\[\](){}!*?+@|]/g, '\\$&');
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => lstat(path));
  return status.isFile();
}
