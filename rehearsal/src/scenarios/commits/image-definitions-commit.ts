import type { Story } from '../story/story';
import { onlyImageDefinitions } from './broken-buildspec';
import { releasePath } from './release-path';
import type { Commit } from './repository';

/**
 * A commit whose build makes nothing but this image definitions file.
 *
 * @param content of the file, JSON or not
 * @throws RehearsalError `ScenarioUnplayable` when the buildspec is no file that a commit can change
 */
export async function imageDefinitionsCommit(story: Story, content: string): Promise<Commit> {
  const { buildspecPath, buildspec, imageDefinitionsFile } = await releasePath(story);
  const changed = onlyImageDefinitions(buildspec, imageDefinitionsFile, content);
  return {
    message: 'Other image definitions',
    files: [{ path: buildspecPath, content: changed }],
  };
}
