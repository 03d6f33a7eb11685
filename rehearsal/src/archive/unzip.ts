import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, realpath, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { messageOf, RehearsalError } from '../errors';

export interface UnzipLimits {
  /** Bytes of all files together. @default 4 GiB, four times what a source artifact may hold */
  readonly bytes?: number;
  /** @default 200000 */
  readonly entries?: number;
}

/**
 * An archive may unpack to that many times its own size, however small it is; what compresses better
 * is no source code. Small archives may do as they like.
 */
const MOST_TIMES = 200;
const SMALL_BYTES = 64 * 1024 ** 2;

/**
 * Up to this size a file is written at once: a stream comes back to the event loop five times for
 * each, and must wait there while the rehearsal's requests are answered.
 */
const AT_ONCE_BYTES = 256 * 1024;

/** How many entries are read at the same time. */
const ENTRIES_AT_A_TIME = 4;

const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;
/** Longest path that Linux takes; a link's target cannot be longer. */
const LONGEST_TARGET = 4096;

/**
 * Unpacks an archive into `directory`, which is made when missing and must be discarded when this
 * fails. Executable bits and symbolic links are kept.
 *
 * @throws RehearsalError `ArchiveRefused` when the archive is damaged, too large, has a name twice,
 *   or a name or link that leads out of `directory`
 */
export async function unzip(
  zipPath: string,
  directory: string,
  limits: UnzipLimits = {},
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const root = await realpath(directory);
  try {
    const links = await unpackFiles(zipPath, root, limits);
    await makeLinks(links, root);
  } catch (error) {
    if (error instanceof RehearsalError) throw error;
    throw refused(zipPath, messageOf(error), { cause: error });
  }
}

interface Link {
  readonly path: string;
  readonly target: string;
}

async function unpackFiles(zipPath: string, root: string, limits: UnzipLimits): Promise<Link[]> {
  const mostBytes = limits.bytes ?? 4 * 1024 ** 3;
  const mostEntries = limits.entries ?? 200_000;
  const links: Link[] = [];
  // yauzl itself refuses absolute names and `..`, and checks each size against the data.
  const zip = await yauzl.openPromise(zipPath, { lazyEntries: true, strictFileNames: true });
  const underWay = new Set<Promise<void>>();
  try {
    if (zip.entryCount > mostEntries) {
      throw refused(zipPath, `it has ${zip.entryCount} entries, at most ${mostEntries} are taken`);
    }
    const mostUnpacked = Math.max(SMALL_BYTES, MOST_TIMES * (await stat(zipPath)).size);
    const names = new Set<string>();
    let bytes = 0;
    for await (const entry of zip.eachEntry()) {
      bytes += entry.uncompressedSize;
      if (bytes > mostBytes) {
        throw refused(zipPath, `it unpacks to more than ${mostBytes} bytes`);
      }
      if (bytes > mostUnpacked) {
        throw refused(zipPath, `it unpacks to more than ${MOST_TIMES} times its own size`);
      }
      const path = join(root, entry.fileName);
      if (entry.fileName.endsWith('/')) {
        await mkdir(path, { recursive: true });
        continue;
      }
      if (names.has(path)) throw refused(zipPath, `it has the name '${entry.fileName}' twice`);
      names.add(path);
      const unpacking = unpackEntry(zip, entry, path).then((link) => {
        underWay.delete(unpacking);
        if (link !== undefined) links.push(link);
      });
      underWay.add(unpacking);
      // The one that fails stays, for those who wait below to hear of.
      unpacking.catch(() => undefined);
      if (underWay.size >= ENTRIES_AT_A_TIME) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
    zip.close();
  }
  return links;
}

/** @returns a link, which is not made yet; undefined for a file */
async function unpackEntry(zip: ZipFile, entry: Entry, path: string): Promise<Link | undefined> {
  const mode = entry.externalFileAttributes >>> 16;
  const content = await zip.openReadStreamPromise(entry);
  if ((mode & FILE_TYPE) === SYMBOLIC_LINK) {
    if (entry.uncompressedSize <= LONGEST_TARGET) return { path, target: await text(content) };
    throw new Error(`the link '${entry.fileName}' has too long a target`);
  }
  const permissions = { mode: mode & 0o111 ? 0o755 : 0o644 };
  mkdirSync(dirname(path), { recursive: true });
  if (entry.uncompressedSize > AT_ONCE_BYTES) {
    await pipeline(content, createWriteStream(path, permissions));
  } else {
    writeFileSync(path, await buffer(content), permissions);
  }
  return undefined;
}

/**
 * Links are made after all files, so that no file is written through one. Each is checked twice:
 * as text before it exists, and as the system resolves it (through other links) afterwards.
 */
async function makeLinks(links: readonly Link[], root: string): Promise<void> {
  for (const { path, target } of links) {
    const parent = await realpath(dirname(path));
    if (parent !== dirname(path) || !isInside(resolve(parent, target), root)) {
      throw leadsOut({ path, target }, root);
    }
    await symlink(target, path);
  }
  for (const link of links) {
    const end = await realpath(link.path).catch(() => root);
    if (isInside(end, root)) continue;
    await rm(link.path);
    throw leadsOut(link, root);
  }
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root + sep);
}

function leadsOut({ path, target }: Link, root: string): RehearsalError {
  return new RehearsalError(
    'ArchiveRefused',
    `the archive has a symbolic link '${relative(root, path)}' to '${target}', which leads out of ` +
      'the directory it is unpacked into; link to files of the same archive only',
  );
}

function refused(zipPath: string, reason: string, options: { cause?: unknown } = {}) {
  return new RehearsalError('ArchiveRefused', `cannot unpack '${zipPath}': ${reason}`, options);
}
