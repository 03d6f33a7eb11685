import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDynamicPattern } from 'tinyglobby';
import { isoTime } from '../clock';
import { isInside, localPath, type BuildPaths } from './build-paths';
import type { Buildspec } from './buildspec';
import { type CacheKeys, findKeptCache, keyDirectory, rememberKey } from './cache-keys';
import type { PreparationInput } from './build-preparation';
import type { BuildCacheSettings } from './project-definition';

/** A directory that is kept between builds. */
export interface CachedDirectory {
  /** As the buildspec writes it */
  readonly pattern: string;
  /** Where the build has it */
  readonly path: string;
  /** Where it waits for the next build */
  readonly store: string;
}

export interface CachePlan {
  readonly directories: readonly CachedDirectory[];
  /** Patterns that are not kept: files, and what lies outside of source and HOME */
  readonly unplayed: readonly string[];
}

/**
 * Which directories the project keeps between builds: those of the buildspec, if the project has
 * a cache in S3 or a local one for custom directories.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-caching.html
 *
 * @param storeDirectory where this project's cache is kept on this machine
 */
export function planCache(
  settings: BuildCacheSettings,
  patterns: readonly string[],
  paths: BuildPaths,
  storeDirectory: string,
): CachePlan {
  const keeps =
    settings.type === 'S3' ||
    (settings.type === 'LOCAL' && settings.modes.includes('LOCAL_CUSTOM_CACHE'));
  const directories: CachedDirectory[] = [];
  const unplayed: string[] = [];
  for (const pattern of keeps ? patterns : []) {
    const path = localPath(pattern.replace(/(\/\*{1,2})*\/?$/, ''), paths);
    const isWithin = [paths.source, paths.home].some(
      (root) => path !== root && isInside(path, root),
    );
    if (!isWithin || isDynamicPattern(path)) {
      unplayed.push(pattern);
      continue;
    }
    const name = createHash('sha256').update(pattern).digest('hex').slice(0, 16);
    directories.push({ pattern, path, store: join(storeDirectory, name) });
  }
  return { directories, unplayed };
}

/** The cache of one build: brought back before the first command, kept after the last. */
export class BuildCache {
  private readonly store: string;
  private readonly plan: CachePlan;
  private keys: CacheKeys | undefined;
  /** What the build has now, and whether it took that away from where it is kept */
  private readonly inUse: { readonly directory: CachedDirectory; readonly wasTaken: boolean }[] =
    [];

  constructor(
    private readonly input: Pick<PreparationInput, 'request' | 'deps' | 'caller' | 'log'>,
    private readonly spec: Buildspec['cache'],
    private readonly paths: BuildPaths,
  ) {
    this.store = join(input.deps.cacheDirectory, input.request.project.name);
    this.plan = this.planIn(this.store);
  }

  /** Whether this directory is kept, by itself or as part of another. */
  holds(path: string): boolean {
    return this.plan.directories.some((directory) => isInside(path, directory.path));
  }

  /** @param keys of the buildspec; the project's one cache when undefined */
  async restore(keys: CacheKeys | undefined): Promise<void> {
    const { log, deps } = this.input;
    this.keys = keys;
    for (const pattern of this.plan.unplayed) {
      const message = `the cache path ${pattern} was not kept: only whole directories in the source or in /root are`;
      deps.events.emit({ kind: 'unproven', time: isoTime(deps.clock.now()), message });
    }
    if (this.plan.directories.length === 0) {
      return log.agent('Unable to initialize cache download: no paths specified to be cached');
    }
    const own = keys === undefined ? this.store : keyDirectory(this.store, keys.key);
    const toKeep = this.planIn(own).directories;
    const denied = this.denied('s3:GetObject');
    if (denied !== undefined) log.agent(`Unable to download cache: AccessDenied: ${denied}`);
    const kept = await this.keptCache(keys);
    if (denied !== undefined || kept === undefined) {
      for (const directory of toKeep) this.inUse.push({ directory, wasTaken: false });
      return;
    }
    const { directories } = this.planIn(kept.directory);
    for (const [index, { pattern, path, store }] of directories.entries()) {
      log.agent(`Expanded cache path ${pattern}`);
      // Moving is quick, copying leaves what is kept as it is.
      const bring = kept.take ? moveDirectory : copyDirectory;
      const wasFound = await bring(store, path);
      log.agent(wasFound ? `Restored cache path ${pattern}` : `No cache found for ${pattern}`);
      const directory = toKeep[index];
      if (directory !== undefined) {
        this.inUse.push({ directory, wasTaken: wasFound && kept.take });
      }
    }
  }

  /**
   * Keeps the directories for the next build; the second call finds nothing left to do. When a
   * build fails, AWS still has what an earlier one saved. Here that was moved into the build, so
   * it is moved back, as the failed build left it.
   */
  async save(isSucceeding: boolean): Promise<void> {
    const { log } = this.input;
    const mayKeep = isSucceeding && this.spec?.action !== 'restore';
    for (const { directory, wasTaken } of this.inUse.splice(0)) {
      const { pattern, path, store } = directory;
      const denied = mayKeep ? this.denied('s3:PutObject') : undefined;
      if (denied !== undefined) log.agent(`Unable to upload cache: AccessDenied: ${denied}`);
      const isSaved = mayKeep && denied === undefined;
      if (!isSaved && !wasTaken) continue;
      const isThere = await moveDirectory(path, store);
      if (!isThere || !isSaved) continue;
      if (this.keys !== undefined) await rememberKey(dirname(store), this.keys.key);
      log.agent(`Saved cache path ${pattern}`);
    }
  }

  /** Where the build's directories come from, and whether it may take them away from there. */
  private async keptCache(
    keys: CacheKeys | undefined,
  ): Promise<{ directory: string; take: boolean } | undefined> {
    const { log } = this.input;
    const action = this.spec?.action;
    if (action === 'save') return undefined;
    if (keys === undefined) return { directory: this.store, take: action === undefined };
    const found = await findKeptCache(this.store, keys);
    log.agent(found ? `Cache key found: ${found.key}` : `No cache found for key ${keys.key}`);
    return found && { directory: found.directory, take: found.exact && action === undefined };
  }

  private planIn(directory: string): CachePlan {
    const { cache } = this.input.request.project;
    return planCache(cache, this.spec?.paths ?? [], this.paths, directory);
  }

  /** The role's access to the cache's bucket; the text of the refusal. */
  private denied(action: string): string | undefined {
    const { deps, caller, request } = this.input;
    const { type, location } = request.project.cache;
    if (deps.authorizer === undefined || type !== 'S3' || location === undefined) return undefined;
    const resource = `arn:aws:s3:::${location}/${request.project.name}`;
    const decision = deps.authorizer.authorize({ caller, action, resource });
    return decision.allowed ? undefined : decision.message;
  }
}

/** @returns false when there is nothing to copy */
async function copyDirectory(from: string, to: string): Promise<boolean> {
  if (!existsSync(from)) return false;
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return true;
}

/**
 * Moves a directory to another place that is free afterwards. Moving costs nothing however large
 * the directory; only between two file systems it is copied. Builds of a batch may move the same
 * directory at once: then one of them does.
 *
 * @returns false when there is nothing to move
 */
export async function moveDirectory(from: string, to: string): Promise<boolean> {
  while (existsSync(from)) {
    try {
      await rm(to, { recursive: true, force: true });
      await mkdir(dirname(to), { recursive: true });
      await rename(from, to);
      return true;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EXDEV') {
        await cp(from, to, { recursive: true, verbatimSymlinks: true });
        await rm(from, { recursive: true, force: true });
        return true;
      }
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(code)) throw error;
    }
  }
  return false;
}
