import { DeployedStacks } from '../cloudformation/deployed-stacks';
import { startAtCreation } from '../codepipeline/pipeline-creation';
import type { Check } from '../report/report';
import { check, deploymentStates, lostCheck, runningCheck } from './checks/checks';
import type { Facts } from './checks/facts';
import { executionsCheck } from './checks/failure-checks';
import { withoutTests } from './commits/broken-buildspec';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';

const BUILDSPEC = 'buildspec.yml';

/**
 * CodePipeline starts an execution when a pipeline is created, of the commit that deploy.sh has built.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-about-starting.html
 */
export const pipelineCreated: Scenario = {
  name: 'pipeline-created',
  expectation:
    'The execution that CodePipeline starts by itself when a pipeline is created releases the newest commit, which serves already: it succeeds, other tasks of the same commit take over, and no request is lost.',
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    let commit = world.firstCommit;
    return {
      steps: [
        {
          title: 'A first version whose build has no tests',
          run: async () => {
            // They are the release's part; where the buildspec lies elsewhere, they stay.
            const content = story.read(BUILDSPEC);
            if (content === '') return;
            commit = await story.repository.commit({
              message: 'A build without tests',
              files: [{ path: BUILDSPEC, content: withoutTests(content) }],
            });
          },
        },
        ...story.opening,
        {
          title: 'First execution of the pipeline',
          run: async () => {
            const stacks = world.deployed ?? new DeployedStacks();
            const started = story.running.pipelines.map((pipeline) =>
              pipeline.start(startAtCreation(pipeline.definition, stacks)),
            );
            await Promise.all(started.map(({ finished }) => finished));
          },
        },
        { title: 'Traffic against the tasks of that execution', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: (facts) => [
        executionsCheck(
          facts,
          (world.services?.pipelines ?? []).map(() => 'Succeeded'),
        ),
        sameCommitCheck(facts, commit),
        check(
          'another deployment completed after the first one',
          facts.deployments.length > 1 &&
            facts.deployments.every(({ rolloutState }) => rolloutState === 'COMPLETED'),
          deploymentStates(facts),
        ),
        lostCheck(facts),
        runningCheck(facts, facts.deployments.at(-1)),
      ],
    };
  },
};

function sameCommitCheck({ executions }: Facts, commit: string): Check {
  return check(
    `what was released is the commit ${commit.slice(0, 7)}, which served before`,
    executions.length > 0 && executions.every((execution) => execution.commit === commit),
    executions.map((execution) => execution.commit ?? 'none').join(', ') || 'nothing was released',
  );
}
