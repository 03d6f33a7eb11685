import type { Check } from '../report/report';
import { agentFor } from '../traffic/listener-client';
import { sendRequest } from '../traffic/send-request';
import { check, deploymentStates, lostCheck, runningCheck } from './checks/checks';
import type { Facts } from './checks/facts';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { serviceOf } from './story/observations';
import { Story } from './story/story';

const REQUESTS = 100_000;
const MOST_PER_SECOND = 1000;

/** A team scales out before many come: Fargate's smallest tasks answer few hundred requests a second. */
const SCALE_OUT = 2;

/** Part of what this machine can answer that is asked of it, while it also replaces containers. */
const LOAD_PART = 0.75;

/** Beyond that requests only wait for this machine. */
const MOST_IN_FLIGHT = 100;

/** Requests, and how many at a time, by which a machine is measured. */
const TRIAL = { requests: 2000, atATime: 20 };

/** Mostly kept connections, as under real load. */
const MIX = { 'new-connection': 2, 'keep-alive': 47, slow: 1 };

/** Many requests while every task is replaced, again and again. */
export const load: Scenario = {
  name: 'load',
  expectation: `While a service that was scaled out to ${SCALE_OUT} times its tasks is deployed again and again, and scaled in at last, ${REQUESTS.toLocaleString('en')} requests are answered, as many a second as this machine can bear (at most ${MOST_PER_SECOND}), and none is lost.`,
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
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
          run: async () => {
            const bearable = LOAD_PART * (await requestsPerSecond(story));
            const rate = Math.max(settings.requestsPerSecond, Math.min(MOST_PER_SECOND, bearable));
            await story.startTraffic({
              mix: MIX,
              requestsPerSecond: rate,
              maxInFlight: MOST_IN_FLIGHT,
            });
          },
        },
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
        {
          title: 'As many tasks as before',
          run: async () => {
            story.forceNewDeployment(desiredCount);
            await story.awaitDeployment();
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

/** What this machine answers when each client asks as soon as it has its answer. */
async function requestsPerSecond({ world, address }: Story): Promise<number> {
  const { clock } = world;
  const agent = agentFor(address, { keepAlive: true, maxSockets: TRIAL.atATime });
  const startedAt = clock.now();
  let left = TRIAL.requests;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      await sendRequest(
        { address, path: '/', headers: {}, agent, slowBody: undefined, timeoutMs: 30_000 },
        clock,
      );
    }
  };
  await Promise.all(Array.from({ length: TRIAL.atATime }, client));
  agent.destroy();
  return (TRIAL.requests * 1000) / Math.max(1, clock.now() - startedAt);
}

function amountCheck({ traffic }: Facts): Check {
  return check(
    `at least ${REQUESTS.toLocaleString('en')} requests were sent`,
    traffic.sent >= REQUESTS,
    `${traffic.sent}`,
  );
}
