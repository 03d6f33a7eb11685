import { RehearsalError } from '../errors';
import { check } from './checks/checks';
import { executionsCheck, failedActionCheck, untouchedCheck } from './checks/failure-checks';
import { withoutTests } from './commits/broken-buildspec';
import { releasePath, requireDockerfile } from './commits/release-path';
import { failingRelease } from './story/failing-release';
import type { Story } from './story/story';

/** Of the programs and commands that a build asks for scan findings with */
const ASKS_FOR_FINDINGS = /image-scan/;

export const vulnerableImage = failingRelease({
  name: 'vulnerable-image',
  expectation:
    'An image in which the scan of ECR finds a critical vulnerability (made up: nothing is scanned here) is pushed and not released: the execution is Failed in the build, the service is not touched, and no request is lost.',
  steps: (story) => [
    { title: 'git push while scanners know a vulnerability', run: () => pushVulnerable(story) },
    {
      title: 'Pipeline execution',
      run: async () => {
        try {
          await story.awaitExecutions();
        } finally {
          story.world.account.images.scans.pretend([]);
        }
      },
    },
  ],
  checks: (facts) => [
    executionsCheck(facts, ['Failed']),
    failedActionCheck(facts, 'Build', /COMMAND_EXECUTION_ERROR/),
    untouchedCheck(facts),
    check(
      'the image was pushed, so that it could be scanned',
      facts.pushedImages.length > 0,
      facts.pushedImages.join(', ') || 'none',
    ),
  ],
});

async function pushVulnerable(story: Story): Promise<void> {
  const path = await releasePath(story);
  if (!ASKS_FOR_FINDINGS.test(path.buildspec)) {
    throw new RehearsalError(
      'ScenarioUnplayable',
      `${path.buildspecPath} never asks ECR what it found in the image, so nothing could stop a vulnerable one.`,
    );
  }
  story.world.account.images.scans.pretend([
    {
      name: 'CVE-0000-0001',
      severity: 'CRITICAL',
      description: 'made up by the rehearsal',
    },
  ]);
  const content = `${path.dockerfile.trimEnd()}\n# A change like any other\n`;
  await story.push({
    message: 'A change on a base image with a vulnerability',
    files: [
      { path: requireDockerfile(path), content },
      { path: path.buildspecPath, content: withoutTests(path.buildspec, ASKS_FOR_FINDINGS) },
    ],
  });
}
