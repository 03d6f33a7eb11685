import type { AccessLogRecord } from '../elbv2/access-log';
import { readTargetGroup } from '../elbv2/target-group-definition';
import type { Check } from '../report/report';
import { StreamClients } from '../traffic/stream-clients';
import type { World } from '../world';
import { check } from './checks/checks';
import { releaseChecks } from './checks/release-checks';
import { withProgram } from './commits/container-program';
import { changeFirstVersion } from './commits/first-version';
import { pushQuickRelease } from './commits/quick-release';
import { streamingProgram } from './commits/streaming-program';
import type { Scenario } from './scenario';
import { Deregistrations, wasInFlight } from './story/deregistrations';
import { FAILURE_SPEED } from './story/failing-release';
import { Story } from './story/story';

/** Part of the deregistration delay that a streamed answer takes. */
const STREAM_PART = 0.5;

const WEB_SOCKETS = 20;

/** How much later than the end of the delay a connection may be cut; timers of a busy machine. */
const LATE_MS = 5000;

/** Timers and recorded times are whole milliseconds of this machine, each worth up to `--speed` of them. */
const ROUNDING_MS = 100;

/**
 * Streams live through a release. The first version is the engine's own streaming program in the
 * project's image: few APIs stream, and what matters here is the load balancer and the template.
 */
export const streaming: Scenario = {
  name: 'websocket-or-streaming',
  expectation:
    'Streamed answers that are shorter than the deregistration delay come to their end, and WebSockets go on through the release until that delay is over; only then are they cut, as AWS says. The first version is a streaming program of the engine, the second one the project itself.',
  speed: FAILURE_SPEED,
  begin(world, settings) {
    const story = new Story(world, settings);
    const deregistrations = new Deregistrations();
    const stopListening = world.events.subscribe((event) => deregistrations.record(event));
    const records: AccessLogRecord[] = [];
    story.accessListeners.add((record) => {
      if (/^\/(stream|socket)\b/.test(record.path)) records.push(record);
    });
    let restore: (() => Promise<void>) | undefined;
    let clients: StreamClients | undefined;
    let delayMs = 0;
    return {
      steps: [
        {
          title: 'A first version that streams',
          run: async () => {
            restore = await changeFirstVersion(
              story,
              (dockerfile) =>
                withProgram(dockerfile, ['node', '-e', streamingProgram(portOf(world))]),
              'Stream',
            );
          },
        },
        ...story.opening,
        {
          title: `${WEB_SOCKETS} WebSockets and streamed answers`,
          run: () => {
            const { clock } = world;
            const { address } = story;
            delayMs = deregistrationDelayMs(world);
            const streamSeconds = (delayMs / 1000) * STREAM_PART;
            clients = new StreamClients({ address, clock, streamSeconds, webSockets: WEB_SOCKETS });
            return clients.start();
          },
        },
        {
          title: 'git push',
          run: async () => {
            await restore?.();
            await pushQuickRelease(story);
          },
        },
        { title: 'Pipeline execution', run: () => story.awaitExecutions() },
        { title: 'The streams end', run: async () => clients?.stop() },
        {
          title: 'Traffic against the new version',
          run: () => story.observeEnd().finally(stopListening),
        },
      ],
      facts: () => story.facts(),
      checks: (facts) => [
        ...releaseChecks(facts),
        streamCheck(clients, records, deregistrations),
        webSocketCheck(clients, records, deregistrations, delayMs),
      ],
    };
  },
};

/** Of the first service that is behind a load balancer, where the template says it in figures. */
function portOf({ assembly }: World): number | undefined {
  const services = assembly.stacks
    .flatMap(({ template }) => Object.values(template.Resources))
    .filter(({ Type }) => Type === 'AWS::ECS::Service');
  for (const { Properties } of services) {
    const { LoadBalancers } = Properties as { LoadBalancers?: { ContainerPort?: unknown }[] };
    const port = Number(LoadBalancers?.[0]?.ContainerPort);
    if (port > 0) return port;
  }
  return undefined;
}

function deregistrationDelayMs({ deployed }: World): number {
  const [group] = deployed?.ofType('AWS::ElasticLoadBalancingV2::TargetGroup') ?? [];
  return group === undefined ? 0 : readTargetGroup(group).deregistrationDelaySeconds * 1000;
}

function streamCheck(
  clients: StreamClients | undefined,
  records: readonly AccessLogRecord[],
  deregistrations: Deregistrations,
): Check {
  const { begun = 0, whole = 0 } = clients?.summary().streams ?? {};
  const inFlight = records.filter(
    (record) => record.path.startsWith('/stream') && wasInFlight(record, deregistrations),
  );
  return check(
    'every streamed answer came to its end, also those that were under way when their task was taken out of the load balancer',
    begun > 0 && whole === begun && inFlight.length > 0,
    `${whole} of ${begun} came to their end; ${inFlight.length} were under way then`,
  );
}

function webSocketCheck(
  clients: StreamClients | undefined,
  records: readonly AccessLogRecord[],
  deregistrations: Deregistrations,
  delayMs: number,
): Check {
  const { opened = 0, answered = 0 } = clients?.summary().webSockets ?? {};
  const lasted = records
    .filter(({ status }) => status === 101)
    .map(({ target = '', time, durationMs }) => {
      const takenOut = deregistrations.timeOf(target);
      return takenOut === undefined ? NaN : Date.parse(time) + durationMs - takenOut;
    });
  const inTime = lasted.filter((ms) => ms >= delayMs - ROUNDING_MS && ms <= delayMs + LATE_MS);
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return check(
    `every WebSocket got its frames back until it was cut, at the end of the deregistration delay of ${delayMs / 1000} s and not before`,
    opened === WEB_SOCKETS && answered === opened && inTime.length === opened,
    `${opened} opened, ${answered} answered; cut after ${lasted.length === 0 ? 'nothing' : `${seconds(Math.min(...lasted))} to ${seconds(Math.max(...lasted))}`} s`,
  );
}
