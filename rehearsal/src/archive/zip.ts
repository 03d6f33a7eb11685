import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, readlink, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

export { unzip } from './unzip';

/** A file of an archive. */
export interface ZipEntry {
  /** Name inside the archive, parts separated by `/` */
  readonly path: string;
  /** Where the file is on this machine */
  readonly from: string;
}

/**
 * Writes every file below `directory` to `zipPath`, as CodePipeline keeps artifacts. Executable
 * bits and symbolic links are kept; empty directories are not, as in git.
 */
export async function zipDirectory(directory: string, zipPath: string): Promise<void> {
  const entries = await filesBelow(directory);
  await zipFiles(entries, zipPath);
}

/**
 * Every file and symbolic link below `directory`. Not `readdir` with `recursive`: on Node 20 it
 * follows links, round in circles where they loop.
 */
export async function filesBelow(directory: string, prefix = ''): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (const found of await readdir(directory, { withFileTypes: true })) {
    const from = join(directory, found.name);
    const path = prefix + found.name;
    if (found.isDirectory()) entries.push(...(await filesBelow(from, `${path}/`)));
    else if (found.isFile() || found.isSymbolicLink()) entries.push({ path, from });
  }
  return entries;
}

/**
 * Writes the given files to `zipPath`, sorted by name. The archive appears under its name only
 * when it is complete.
 *
 * @throws Error of the file system when a file cannot be read
 */
export async function zipFiles(entries: readonly ZipEntry[], zipPath: string): Promise<void> {
  const zip = new ZipFile();
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  for (const { path, from } of sorted) {
    const { mode, mtime } = await lstat(from);
    if ((mode & 0o170000) === 0o120000) {
      zip.addBuffer(Buffer.from(await readlink(from)), path, { mode, mtime });
    } else {
      zip.addFile(from, path, { mode, mtime });
    }
  }
  await mkdir(dirname(zipPath), { recursive: true });
  const unfinished = `${zipPath}.unfinished`;
  const failed = new Promise<never>((_, reject) => zip.once('error', reject));
  try {
    zip.end();
    await Promise.race([pipeline(zip.outputStream, createWriteStream(unfinished)), failed]);
    await rename(unfinished, zipPath);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
