import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/run-command';

/** The keys of a buildspec's cache, with what `$(…)` and `$NAME` in them stand for. */
export interface CacheKeys {
  readonly key: string;
  readonly fallbackKeys: readonly string[];
}

/**
 * A shell expands the keys, as in `npm-$(codebuild-hash-files package-lock.json)`.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/caching-s3.html
 *
 * @returns undefined without a key: then fallback keys are ignored too
 */
export async function expandCacheKeys(
  spec: { readonly key?: string | undefined; readonly 'fallback-keys': readonly string[] },
  shell: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<CacheKeys | undefined> {
  if (spec.key === undefined) return undefined;
  const expand = async (text: string) => {
    // A here-document: quotes in the text stay, and those inside `$(…)` have their own meaning.
    const script = `cat <<__CACHE_KEY__\n${text}\n__CACHE_KEY__\n`;
    return (await runCommand('/bin/sh', ['-c', script], shell)).stdout;
  };
  return {
    key: await expand(spec.key),
    fallbackKeys: await Promise.all(spec['fallback-keys'].map(expand)),
  };
}

/** Where a project's cache under this key is kept. */
export function keyDirectory(cache: string, key: string): string {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return join(cache, `key-${name}`);
}

export async function rememberKey(directory: string, key: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'key'), key);
}

/**
 * The kept cache that a build gets: the one of its key, or else the newest whose key begins with
 * a fallback key, the first fallback first.
 */
export async function findKeptCache(
  cache: string,
  { key, fallbackKeys }: CacheKeys,
): Promise<{ directory: string; key: string; exact: boolean } | undefined> {
  const kept = await keptCaches(cache);
  const own = kept.find((one) => one.key === key);
  if (own !== undefined) return { ...own, exact: true };
  for (const prefix of fallbackKeys) {
    const found = kept.find((one) => one.key.startsWith(prefix));
    if (found !== undefined) return { ...found, exact: false };
  }
  return undefined;
}

/** Newest first. */
async function keptCaches(cache: string): Promise<{ directory: string; key: string }[]> {
  const names = await readdir(cache).catch(() => []);
  const kept = await Promise.all(
    names
      .filter((name) => name.startsWith('key-'))
      .map(async (name) => {
        const file = join(cache, name, 'key');
        const [key, status] = await Promise.all([
          readFile(file, 'utf8').catch(() => undefined),
          stat(file).catch(() => undefined),
        ]);
        return key === undefined
          ? []
          : [{ directory: join(cache, name), key, at: status?.mtimeMs ?? 0 }];
      }),
  );
  return kept.flat().sort((one, other) => other.at - one.at);
}
