import type { Check } from '../report/report';
import { check, deploymentStates, lostCheck, runningCheck } from './checks/checks';
import type { Facts } from './checks/facts';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { serviceOf } from './story/observations';
import { Story } from './story/story';

/** How many healthy versions answer in a whole run, in this scenario and those before it. */
const REQUESTS_OF_RUN = 100_000;

/** How many are sent here at least: no scenario before has so many at a time. */
const LEAST_REQUESTS = 20_000;
const MOST_PER_SECOND = 1000;

/** A team scales out before many come: Fargate's smallest tasks answer few hundred requests a second. */
const SCALE_OUT = 2;

/** As many clients as ask at a time; more would only wait for this machine. */
const MOST_IN_FLIGHT = 50;

/** Between two deployments, so that more than their first minutes are seen. */
const REQUESTS_PER_DEPLOYMENT = 15_000;

/** Left for scaling in and after it, so that all are not sent before. */
const LAST_REQUESTS = 5_000;

/** Mostly kept connections, as under real load. */
const MIX = { 'new-connection': 2, 'keep-alive': 47, slow: 1 };

/** Many requests while every task is replaced, again and again. */
export const load: Scenario = {
  name: 'load',
  expectation: `While a service that was scaled out to ${SCALE_OUT} times its tasks is deployed again and again, and scaled in at last, requests are answered, as many a second as this machine can bear (at most ${MOST_PER_SECOND}), until healthy versions have answered ${inWords(REQUESTS_OF_RUN)} in this run (${inWords(LEAST_REQUESTS)} of them here, at least), and none is lost.`,
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    const requests = Math.max(LEAST_REQUESTS, REQUESTS_OF_RUN - settings.requestsAnswered);
    let desiredCount = 0;
    const [startService, startTraffic] = [story.opening.slice(0, -1), story.opening.at(-1)];
    return {
      steps: [
        ...startService,
        {
          title: `${SCALE_OUT} times as many tasks`,
          run: async () => {
            desiredCount = serviceOf(story.running).desiredCount;
            story.forceNewDeployment(SCALE_OUT * desiredCount);
            await story.awaitDeployment();
          },
        },
        {
          title: startTraffic?.title ?? 'Traffic',
          run: () =>
            story.startTraffic({
              mix: MIX,
              requestsPerSecond: MOST_PER_SECOND,
              maxInFlight: MOST_IN_FLIGHT,
            }),
        },
        {
          title: `Deployments until ${inWords(requests)} requests are sent`,
          run: async () => {
            const most = requests - LAST_REQUESTS;
            while (story.requestsSent < most) {
              const next = Math.min(most, story.requestsSent + REQUESTS_PER_DEPLOYMENT);
              story.forceNewDeployment();
              await story.awaitDeployment();
              while (story.requestsSent < next) await story.observe();
            }
          },
        },
        {
          title: 'As many tasks as before',
          run: async () => {
            story.forceNewDeployment(desiredCount);
            await story.awaitDeployment();
          },
        },
        {
          title: 'The last answers',
          run: async () => {
            while (story.requestsSent < requests) await story.observe();
            await story.observeEnd();
          },
        },
      ],
      facts: () => story.facts(),
      checks: (facts) => [
        amountCheck(facts, requests),
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

function amountCheck({ traffic }: Facts, requests: number): Check {
  return check(
    `at least ${inWords(requests)} requests were sent`,
    traffic.sent >= requests,
    `${traffic.sent}`,
  );
}

function inWords(count: number): string {
  return count.toLocaleString('en');
}
