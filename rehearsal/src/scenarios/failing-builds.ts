import { executionsCheck, failedActionCheck, untouchedCheck } from './checks/failure-checks';
import { brokenBuildspecs, HANGING, hanging } from './commits/broken-buildspec';
import { failingTest } from './commits/failing-test';
import { releasePath } from './commits/release-path';
import { failingRelease } from './story/failing-release';
import { awaitLog, endAtLimit } from './story/waits';

export const failingTests = failingRelease({
  name: 'failing-tests',
  expectation:
    'A commit whose tests fail ends in the build: the execution is Failed, no image is pushed, the service is not touched, and no request is lost.',
  steps: (story) => [
    {
      title: 'git push of a change that breaks a test',
      run: async () => {
        const { buildspecPath } = await releasePath(story);
        await story.push(failingTest(buildspecPath, (path) => story.read(path)));
      },
    },
    { title: 'Pipeline execution', run: () => story.awaitExecutions() },
  ],
  checks: (facts) => [
    executionsCheck(facts, ['Failed']),
    failedActionCheck(facts, 'Build', /COMMAND_EXECUTION_ERROR/),
    untouchedCheck(facts),
    {
      expectation: 'no image was pushed',
      passed: facts.pushedImages.length === 0,
      actual: facts.pushedImages.join(', ') || 'none',
    },
  ],
});

export const buildTimeout = failingRelease({
  name: 'build-timeout',
  expectation:
    'A build that hangs is stopped at the time limit of its project (which the rehearsal skips to, once the build hangs); the execution is Failed, the service is not touched, and no request is lost.',
  steps: (story) => [
    {
      title: 'git push of a build that hangs',
      run: async () => {
        const { buildspecPath, buildspec } = await releasePath(story);
        const file = { path: buildspecPath, content: hanging(buildspec) };
        const commit = { message: 'A build that hangs', files: [file] };
        await awaitLog(story, HANGING, () => story.push(commit));
      },
    },
    { title: 'Time limit of the build', run: () => endAtLimit(story) },
  ],
  checks: (facts) => [
    executionsCheck(facts, ['Failed']),
    failedActionCheck(facts, 'Build', /TIMED_OUT/),
    untouchedCheck(facts),
  ],
});

export const badBuildspec = failingRelease({
  name: 'bad-buildspec',
  expectation:
    'A commit without a buildspec, one whose buildspec is no YAML, and one with an unknown phase: three executions end in the build and say why, the service is not touched, and no request is lost.',
  steps: (story) => [
    {
      title: 'git push of three broken buildspecs',
      run: async () => {
        const { buildspecPath, buildspec } = await releasePath(story);
        for (const { problem, file } of brokenBuildspecs(buildspecPath, buildspec)) {
          await story.push({ message: `A commit with ${problem}`, files: [file] });
          await story.awaitExecutions();
        }
      },
    },
  ],
  checks: (facts) => [
    executionsCheck(facts, ['Failed', 'Failed', 'Failed']),
    failedActionCheck(facts, 'Build', /YAML_FILE_ERROR/),
    untouchedCheck(facts),
  ],
});
