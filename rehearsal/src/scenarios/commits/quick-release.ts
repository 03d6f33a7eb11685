import { RehearsalError } from '../../errors';
import type { Story } from '../story/story';
import { withCommandsFirst, withoutTests } from './broken-buildspec';
import { releaseCommit } from './release-commit';
import { releasePath } from './release-path';
import type { Commit } from './repository';

/**
 * The next version of the project with a build without tests, for a scenario about something else.
 *
 * @param seconds for which the build takes longer
 * @throws RehearsalError `ScenarioUnplayable` when the buildspec is no file that a commit can change
 */
export async function quickRelease(story: Story, seconds = 0): Promise<Commit> {
  const { buildspecPath, buildspec } = await releasePath(story);
  const { files, message } = await releaseCommit(story);
  const quick = withoutTests(buildspec);
  const content = seconds === 0 ? quick : withCommandsFirst(quick, 'install', [`sleep ${seconds}`]);
  return { message, files: [...files, { path: buildspecPath, content }] };
}

/** Pushes the next version of the project, with its tests only where they cannot be left out. */
export async function pushQuickRelease(story: Story): Promise<void> {
  const commit = await quickRelease(story).catch((error: unknown) => {
    if (!(error instanceof RehearsalError) || error.code !== 'ScenarioUnplayable') throw error;
    return releaseCommit(story);
  });
  await story.push(commit);
}
