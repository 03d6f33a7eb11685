import { mkdir } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Git } from '../github/git';

/**
 * Makes a developer's clone of the commit that is checked out in `directory`. Its branches and
 * remotes stay outside, and it may be shallow.
 *
 * @returns the commit's id
 */
export async function cloneProject(directory: string, clone: Git): Promise<string> {
  await mkdir(clone.directory, { recursive: true });
  await clone.run('init', '--quiet', '--initial-branch=main');
  await clone.run('remote', 'add', 'origin', directory);
  await clone.run('fetch', '--quiet', '--depth=50', pathToFileURL(directory).href, 'HEAD');
  await clone.run('reset', '--quiet', '--hard', 'FETCH_HEAD');
  return clone.run('rev-parse', 'HEAD');
}
