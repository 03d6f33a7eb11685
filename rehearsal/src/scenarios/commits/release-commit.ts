import { RehearsalError } from '../../errors';
import type { Story } from '../story/story';
import { releaseChange } from './release-change';
import type { Commit } from './repository';

/**
 * Pushes the next version of the project.
 *
 * @throws RehearsalError `ProjectUnusable` when it has no image to release
 */
export async function pushRelease(story: Story): Promise<void> {
  await story.push(await releaseCommit(story));
}

/**
 * The next version of the project.
 *
 * @throws RehearsalError `ProjectUnusable` when it has no image to release
 */
export async function releaseCommit(story: Story): Promise<Commit> {
  const change = releaseChange(await story.files(), story.read('buildspec.yml'), (path) =>
    story.read(path),
  );
  if (change !== undefined) return { files: [change], message: change.message };
  throw new RehearsalError(
    'ProjectUnusable',
    `there is no Dockerfile in the commit of '${story.world.project.directory}', so there is no image to release. Commit one.`,
  );
}
