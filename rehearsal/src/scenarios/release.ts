import { RehearsalError } from '../errors';
import { releaseChange } from './release-change';
import { releaseChecks } from './release-checks';
import type { Commit } from './repository';
import type { Scenario } from './scenario';
import { Story } from './story';

/** A healthy release: a push becomes a new version that serves alone, and nobody notices. */
export const release: Scenario = {
  name: 'release',
  expectation:
    'A pushed commit is tested, built and deployed; in the end the new version serves alone, its tag is recorded, and no request was lost on the way.',
  begin(world, settings) {
    const story = new Story(world, settings);
    return {
      steps: [
        ...story.opening,
        { title: 'git push', run: () => pushRelease(story) },
        { title: 'Pipeline execution', run: () => story.awaitExecutions() },
        { title: 'Traffic against the new version', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: releaseChecks,
    };
  },
};

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
