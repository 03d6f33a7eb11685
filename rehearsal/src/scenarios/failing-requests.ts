import {
  asBefore,
  brokenTasksCheck,
  executionsCheck,
  failedActionCheck,
  rolledBackCheck,
} from './checks/failure-checks';
import { errorsOfNewVersion, guardChecks } from './checks/guard-checks';
import { brokenCommit } from './commits/broken-commit';
import type { Scenario } from './scenario';
import { DeploymentGuards } from './story/deployment-guards';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';
import { awaitRollback, endAtLimit } from './story/waits';

/**
 * A version that its health check finds well, and that answers every user with an error. The circuit
 * breaker does not see that; alarms that guard deployments do. It is the only scenario in which a
 * release hurts users, and it counts how many requests.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
export const failingRequests: Scenario = {
  name: 'failing-requests',
  expectation:
    'A version that is healthy and answers users with errors: an alarm that guards deployments goes off, ECS brings the old version back, the execution is Failed (the rehearsal skips the wait of the deploy action until its time limit), and mails say so. Users lose what the broken version answers until then (--speed shortens that time too), and nothing else.',
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    let guards: DeploymentGuards | undefined;
    let errorsUntilRollback = 0;
    const facts = () => {
      const seen = story.facts();
      const failedWithBrokenVersion = errorsOfNewVersion(seen);
      return { ...seen, traffic: { ...seen.traffic, failedWithBrokenVersion } };
    };
    return {
      steps: [
        // The broken version answers slow requests as any other.
        ...story.openingWith({ mix: { 'new-connection': 1, 'keep-alive': 1, slow: 0 } }),
        {
          title: 'git push',
          run: async () => {
            guards = new DeploymentGuards(story);
            await story.push(await brokenCommit(story, 'fails'));
          },
        },
        {
          title: 'Deployment, alarm and rollback',
          run: async () => {
            await awaitRollback(story);
            errorsUntilRollback = errorsOfNewVersion(story.facts());
          },
        },
        { title: 'Time limit of the deploy action', run: () => endAtLimit(story) },
        { title: 'The alarm is over', run: async () => guards?.awaitOver() },
        { title: 'Traffic against the healthy version', run: () => story.observeEnd() },
        { title: 'Next evaluation of the alarms', run: () => story.evaluateAlarms() },
      ],
      facts,
      checks: (seen) => [
        executionsCheck(seen, ['Failed']),
        failedActionCheck(seen, 'Deploy', /did not complete within/),
        rolledBackCheck(seen, 'a deployment alarm'),
        brokenTasksCheck(seen, /^Scaling activity initiated by/),
        ...(guards === undefined ? [] : guardChecks(seen, guards.seen(errorsUntilRollback))),
        ...asBefore(seen),
      ],
    };
  },
};
