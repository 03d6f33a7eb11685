import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { LoadBalancerReachability } from '../../src/ec2/reachability-questions';
import type { AccessLogRecord } from '../../src/elbv2/access-log';
import { LoadBalancers } from '../../src/elbv2/load-balancers';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import {
  ask,
  closeAll,
  closeLater,
  listen,
  listenerProperties,
  LISTENER_ARN,
  LOAD_BALANCER_ARN,
  resource,
  resources,
  TARGET_GROUP_ARN,
  targetGroupProperties,
  until,
} from './fixtures';

afterEach(closeAll);

const BARRIER = "security group 'Tasks' has no ingress rule for tcp 3000";

async function start(
  network: Partial<LoadBalancerReachability>,
  targetGroup: Record<string, unknown> = {},
) {
  const clock = new ManualClock();
  const { stream, events } = recordingEvents();
  const log: AccessLogRecord[] = [];
  const loadBalancers = await LoadBalancers.start(
    resources([
      resource('LoadBalancer', LOAD_BALANCER_ARN, {}),
      resource('Listener', LISTENER_ARN, listenerProperties()),
      resource('TargetGroup', TARGET_GROUP_ARN, targetGroupProperties(targetGroup)),
    ]),
    {
      clock,
      events: stream,
      onRequest: (record) => log.push(record),
      network: {
        barrierToTarget: () => undefined,
        barrierToListener: () => undefined,
        ...network,
      },
    },
  );
  closeLater(() => loadBalancers.close());
  const asked: string[] = [];
  const port = await listen(
    createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('ok');
    }),
  );
  const target = { id: '10.0.2.17', port: 3000, address: { host: '127.0.0.1', port } };
  loadBalancers.registerTarget(TARGET_GROUP_ARN, {
    ...target,
    otherPorts: new Map([[8081, port]]),
  });
  const health = () => loadBalancers.targetHealth(TARGET_GROUP_ARN, target);
  return {
    loadBalancers,
    clock,
    events,
    log,
    asked,
    health,
    address: loadBalancers.addresses()[0]!,
  };
}

describe('a load balancer whose packets do not reach the target', () => {
  test('finds it unhealthy by Target.Timeout, though this machine would connect them', async () => {
    const { clock, health, asked } = await start({ barrierToTarget: () => BARRIER });
    for (let second = 0; second < 40; second += 1) await clock.advance(1000);

    expect(health()).toEqual({
      state: 'unhealthy',
      reason: 'Target.Timeout',
      description: `Request timed out (${BARRIER})`,
    });
    expect(asked).toEqual([]);
  });

  test('answers 504 after the ten seconds that a connection may take', async () => {
    const { address, clock, log, asked } = await start({ barrierToTarget: () => BARRIER });
    let answered = false;
    const answer = ask(address.port).then((it) => ((answered = true), it));
    await clock.advance(9999);
    expect(answered).toBe(false);
    while (!answered) await clock.advance(1000);

    expect((await answer).status).toBe(504);
    expect(log[0]?.error).toBe(`no connection to the target within 10 s (${BARRIER})`);
    expect(asked).toEqual([]);
  });

  test('on its health check port only, finds it unhealthy too', async () => {
    const { clock, health } = await start(
      { barrierToTarget: (_, { port }) => (port === 8081 ? BARRIER : undefined) },
      { HealthCheckPort: '8081' },
    );
    for (let second = 0; second < 40; second += 1) await clock.advance(1000);

    expect(health().reason).toBe('Target.Timeout');
  });

  test('is asked about the ports that are used, and about no others', async () => {
    const ports: number[] = [];
    const { health } = await start({
      barrierToTarget: (_, { port }) => {
        ports.push(port);
        return undefined;
      },
    });
    await until(() => health().state === 'healthy');

    expect(ports).toEqual([3000]);
  });
});

describe('a listener that clients cannot reach', () => {
  test('is named with the reason, and answers nobody', async () => {
    const { address } = await start({ barrierToListener: () => 'no ingress rule for tcp 80' });
    expect(address.barrier).toBe('no ingress rule for tcp 80');

    const received: string[] = [];
    const socket = connect(address.port, address.host);
    socket.on('data', (chunk) => received.push(String(chunk)));
    await new Promise<void>((resolve) => {
      socket.write('GET / HTTP/1.1\r\nHost: api\r\n\r\n', () => resolve());
    });
    // A listener that answers does so within a turn of the event loop or two.
    for (let turn = 0; turn < 50; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.destroy();

    expect(received).toEqual([]);
  });

  test('ends with the load balancer, whoever still waits', async () => {
    const { address, loadBalancers } = await start({ barrierToListener: () => 'no route' });
    const socket = connect(address.port, address.host);
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await loadBalancers.close();

    await expect(closed).resolves.toBe(false);
  });
});
