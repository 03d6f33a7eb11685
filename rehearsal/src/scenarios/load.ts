import type { Check } from '../report/report';
import { check, deploymentStates, lostCheck, runningCheck } from './checks';
import type { Facts } from './facts';
import type { Scenario } from './scenario';
import { Story } from './story';

const REQUESTS = 100_000;
const REQUESTS_PER_SECOND = 800;

/** Mostly kept connections, as under real load. */
const MIX = { 'new-connection': 2, 'keep-alive': 47, slow: 1 };

/** Many requests while every task is replaced, again and again. */
export const load: Scenario = {
  name: 'load',
  expectation: `While the service is deployed again and again, ${REQUESTS.toLocaleString('en')} requests at ${REQUESTS_PER_SECOND} a second are answered, and none is lost.`,
  sharesWorld: true,
  begin(world, settings) {
    const story = new Story(world, settings);
    const requestsPerSecond = Math.max(REQUESTS_PER_SECOND, settings.requestsPerSecond);
    return {
      steps: [
        ...story.openingWith({ mix: MIX, requestsPerSecond }),
        {
          title: `Deployments until ${REQUESTS.toLocaleString('en')} requests are sent`,
          run: async () => {
            while (story.requestsSent < REQUESTS) {
              story.forceNewDeployment();
              await story.awaitDeployment();
              await story.observe();
            }
          },
        },
        { title: 'The last answers', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: (facts) => [
        amountCheck(facts),
        lostCheck(facts),
        check(
          'every deployment under load is COMPLETED',
          facts.deployments.length > 1 &&
            facts.deployments.every(({ rolloutState }) => rolloutState === 'COMPLETED'),
          deploymentStates(facts),
        ),
        runningCheck(facts),
      ],
    };
  },
};

function amountCheck({ traffic }: Facts): Check {
  return check(
    `at least ${REQUESTS.toLocaleString('en')} requests were sent`,
    traffic.sent >= REQUESTS,
    `${traffic.sent}`,
  );
}
