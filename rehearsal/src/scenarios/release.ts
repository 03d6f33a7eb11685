import { releaseChecks } from './checks/release-checks';
import { pushRelease } from './commits/release-commit';
import type { Scenario } from './scenario';
import { Story } from './story/story';

/** A healthy release: a push becomes a new version that serves alone, and nobody notices. */
export const release: Scenario = {
  name: 'release',
  expectation:
    'A pushed commit is tested, built and deployed; in the end the new version serves alone, its tag is recorded, and no request was lost on the way.',
  sharesWorld: true,
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
