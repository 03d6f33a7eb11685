import { RehearsalError } from '../errors';
import type { Git } from '../github/git';

/** How many paths a message names. */
const PATHS_SHOWN = 5;

/**
 * What a rehearsal of this checkout leaves out: it pushes the commit that is checked out, while the
 * CDK synthesizes the files as they are.
 *
 * @returns a sentence, or undefined when everything is committed
 * @throws RehearsalError `ProjectUnusable` when there is no commit
 */
export async function uncommittedChanges(git: Git): Promise<string | undefined> {
  const commit = await git.resolve('HEAD');
  if (commit === undefined) {
    throw new RehearsalError(
      'ProjectUnusable',
      `there is no commit in '${git.directory}', and a rehearsal pushes one. Commit first.`,
    );
  }
  // Without untracked files: what the person's own ignore list hides would be among them.
  const status = await git.run('status', '--porcelain', '--untracked-files=no');
  const paths = status
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice(3));
  if (paths.length === 0) return undefined;
  const names = paths.slice(0, PATHS_SHOWN).join(', ');
  const more = paths.length > PATHS_SHOWN ? ` and ${paths.length - PATHS_SHOWN} more` : '';
  return `Changes that are not committed were not released: ${names}${more}. What was pushed is commit ${commit.slice(0, 7)}; only the templates were synthesized from the files as they are.`;
}
