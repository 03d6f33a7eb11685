import { RehearsalError } from '../../errors';
import type { Story } from '../story/story';
import { dockerfileOf } from './release-change';

/**
 * Gives the first version another Dockerfile; `restoreDockerfile` undoes it for the release. Only
 * the first image is built from it, so the project's own tests never see it.
 *
 * @param change of the Dockerfile's text; undefined when it cannot be made
 * @returns undoes it with the next commit
 * @throws RehearsalError `ScenarioUnplayable`
 */
export async function changeFirstVersion(
  story: Story,
  change: (dockerfile: string) => string | undefined,
  message: string,
): Promise<() => Promise<void>> {
  const path = dockerfileOf(await story.files(), story.read('buildspec.yml'));
  const original = path === undefined ? undefined : story.read(path);
  const content = original === undefined ? undefined : change(original);
  if (path === undefined || content === undefined) {
    throw new RehearsalError(
      'ScenarioUnplayable',
      path === undefined
        ? 'there is no Dockerfile in the commit, so its program cannot be replaced. Play the other scenarios, by --scenario.'
        : `the last stage of '${path}' names no program of its own, so it cannot be replaced. Add a CMD, or play the other scenarios, by --scenario.`,
    );
  }
  await story.commit({ files: [{ path, content }], message });
  return () =>
    story.commit({ files: [{ path, content: original }], message: 'The Dockerfile as it was' });
}
