import { readLoadBalancer } from '../elbv2/load-balancer-definition';
import type { Check } from '../report/report';
import { IdleClients } from '../traffic/idle-clients';
import type { World } from '../world';
import { releaseChecks } from './checks/release-checks';
import { pushRelease } from './commits/release-commit';
import type { Scenario } from './scenario';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';

const CLIENTS = 300;

/** Part of the load balancer's idle timeout after which a connection is used again. */
const IDLE_PART = 0.5;

/** Longest that a connection is left alone, so that it is used several times in a release. */
const LONGEST_IDLE_MS = 30_000;

/** Hundreds of connections that are hardly used live through a release. */
export const keepAliveClients: Scenario = {
  name: 'keep-alive-clients',
  expectation: `${CLIENTS} clients with mostly idle connections keep them through the release: none is closed, each is used again afterwards, and no request is lost.`,
  sharesWorld: true,
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    let clients: IdleClients | undefined;
    return {
      steps: [
        ...story.opening,
        {
          title: `${CLIENTS} idle connections`,
          run: () => {
            const { clock } = world;
            const { address } = story;
            clients = new IdleClients({
              address,
              clock,
              clients: CLIENTS,
              idleMs: Math.min(LONGEST_IDLE_MS, idleTimeoutMs(world) * IDLE_PART),
            });
            return clients.start();
          },
        },
        { title: 'git push', run: () => pushRelease(story) },
        { title: 'Pipeline execution', run: () => story.awaitExecutions() },
        {
          title: 'The idle connections are used again',
          run: async () => clients?.stop(),
        },
        { title: 'Traffic against the new version', run: () => story.observeEnd() },
      ],
      facts: () => story.facts(),
      checks: (facts) => [...releaseChecks(facts), clientsCheck(clients)],
    };
  },
};

function idleTimeoutMs({ deployed }: World): number {
  const [loadBalancer] =
    deployed?.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer').map(readLoadBalancer) ?? [];
  return (loadBalancer?.idleTimeoutSeconds ?? 60) * 1000;
}

function clientsCheck(clients: IdleClients | undefined): Check {
  const summary = clients?.summary();
  return {
    expectation: `each of the ${CLIENTS} clients used its first connection to the end, and lost nothing`,
    passed:
      summary !== undefined &&
      summary.sent >= 2 * CLIENTS &&
      summary.failed === 0 &&
      summary.reconnected === 0,
    actual:
      summary === undefined
        ? 'no connection was opened'
        : `${summary.sent} requests, ${summary.failed} lost; ${summary.reconnected} of ${summary.clients} clients had to connect again`,
  };
}
