import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { TrafficGenerator, type TrafficOptions } from '../../src/traffic/traffic-generator';
import { ManualClock } from '../_helpers/manual-clock';
import { closeAll, closeLater, listen, startLoadBalancer, until } from '../elbv2/fixtures';

afterEach(closeAll);

/** Can jump ahead without waking anybody, as time does while a process gets no CPU. */
class StallingClock extends ManualClock {
  private stalledMs = 0;

  override now(): number {
    return super.now() + this.stalledMs;
  }

  stall(milliseconds: number): void {
    this.stalledMs += milliseconds;
  }
}

interface Setup {
  readonly clock: StallingClock;
  readonly traffic: TrafficGenerator;
  readonly requests: IncomingMessage[];
}

async function startTraffic(
  handler: RequestListener,
  options: Partial<TrafficOptions> = {},
): Promise<Setup> {
  const clock = new StallingClock();
  const requests: IncomingMessage[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    requests.push(request);
    handler(request, response);
  });
  const traffic = new TrafficGenerator({
    address: { host: '127.0.0.1', port: await listen(server) },
    clock,
    requestsPerSecond: 10,
    taskDefinitionOf: () => undefined,
    ...options,
  });
  traffic.start();
  return { clock, traffic, requests };
}

/** Stops, and lets the time pass that slow requests still need. */
async function finish({
  clock,
  traffic,
}: {
  clock: ManualClock;
  traffic: TrafficGenerator;
}): Promise<void> {
  let stopped = false;
  const stop = traffic.stop().then(() => (stopped = true));
  while (!stopped) await clock.advance(100);
  await stop;
}

const onlyNew = { 'new-connection': 1, 'keep-alive': 0, slow: 0 };

test('sends at its rate even when nothing is answered', async () => {
  const setup = await startTraffic(() => undefined, { mix: onlyNew, timeoutMs: 60_000 });
  await setup.clock.advance(950);
  await until(() => setup.requests.length === 10);
  await setup.clock.advance(1_000);
  await until(() => setup.requests.length === 20);
  expect(setup.traffic.summary()).toMatchObject({ sent: 20, succeeded: 0, failed: 0 });
  await finish(setup);
  expect(setup.traffic.summary()).toMatchObject({ failed: 20, byStatus: { timeout: 20 } });
});

test('leaves late rather than pile up more unanswered requests than it may', async () => {
  const setup = await startTraffic(() => undefined, { maxInFlight: 5 });
  const { clock, traffic } = setup;
  for (let second = 0; second < 3; second += 1) await clock.advance(1000);
  expect(traffic.summary().sent).toBe(5);
  await clock.advance(30_000);
  expect(traffic.summary().failed).toBe(5);
  expect(traffic.longestStallMs()).toBeGreaterThan(25_000);
  await finish(setup);
});

test('does not catch up with what it could not send while too many were unanswered', async () => {
  const waiting: (() => void)[] = [];
  const setup = await startTraffic((_, response) => waiting.push(() => response.end()), {
    mix: onlyNew,
    maxInFlight: 1,
  });
  const { clock, traffic, requests } = setup;
  const answer = async () => {
    const { succeeded } = traffic.summary();
    waiting.shift()?.();
    while (traffic.summary().succeeded === succeeded) await clock.advance(0);
  };
  await until(() => requests.length === 1);
  await clock.advance(5000);
  await answer();
  await clock.advance(10);
  await until(() => requests.length === 2);
  await answer();
  await clock.advance(80);
  expect(traffic.summary().sent).toBe(2);
  await clock.advance(20);
  await until(() => requests.length === 3);
  waiting.shift()?.();
  await finish(setup);
  expect(traffic.summary()).toMatchObject({ sent: 3, succeeded: 3 });
});

test('mixes new connections, kept-alive ones and slow requests', async () => {
  const sockets = new Map<Socket, number>();
  let bodies = 0;
  const setup = await startTraffic((request, response) => {
    sockets.set(request.socket, (sockets.get(request.socket) ?? 0) + 1);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (body !== '' && JSON.parse(body).rehearsal === 'slow request') bodies += 1;
      response.end();
    });
  });
  for (let second = 0; second < 4; second += 1) {
    await setup.clock.advance(second === 3 ? 950 : 1_000);
    await until(() => setup.requests.length === (second + 1) * 10 + (second === 3 ? 0 : 1));
  }
  await finish(setup);
  const { sent, succeeded } = setup.traffic.summary();
  expect({ sent, succeeded, bodies }).toEqual({ sent: 40, succeeded: 40, bodies: 2 });
  const uses = [...sockets.values()];
  // 18 new ones and 2 slow ones; 20 requests share the kept-alive connections.
  expect(uses.filter((count) => count === 1).length).toBeGreaterThanOrEqual(20);
  expect(uses.length).toBeLessThan(40);
});

test('each kind of request asks each path', async () => {
  const setup = await startTraffic((_, response) => response.end(), {
    paths: ['/', '/health'],
    mix: { 'new-connection': 1, 'keep-alive': 1, slow: 0 },
  });
  await setup.clock.advance(750);
  await until(() => setup.requests.length === 8);
  await finish(setup);
  const asked = setup.requests.map(
    ({ url, headers }) => `${url ?? ''} ${headers.connection === 'close' ? 'new' : 'kept'}`,
  );
  expect(new Set(asked)).toEqual(new Set(['/ new', '/ kept', '/health new', '/health kept']));
});

test('a wrong status, a cut connection and a timeout are failures that say which they were', async () => {
  const answers: RequestListener[] = [
    (_, response) => response.writeHead(500).end(),
    (request) => request.socket.destroy(),
    (_, response) => response.writeHead(404).end(),
    (_, response) => response.writeHead(302).end(),
    () => undefined,
  ];
  const setup = await startTraffic((request, response) => answers.shift()?.(request, response), {
    mix: onlyNew,
    timeoutMs: 5_000,
  });
  for (let sent = 1; sent <= 5; sent += 1) {
    await until(() => setup.requests.length === sent);
    if (sent < 5) await setup.clock.advance(100);
  }
  await finish(setup);
  expect(setup.traffic.summary()).toMatchObject({
    sent: 5,
    succeeded: 1,
    failed: 4,
    byStatus: { 500: 1, ECONNRESET: 1, 404: 1, 302: 1, timeout: 1 },
  });
  expect(
    setup.traffic
      .failures()
      .map(({ result }) => result)
      .sort(),
  ).toEqual(['404', '500', 'ECONNRESET', 'timeout']);
});

describe('a kept-alive connection that the server closes as its next request comes', () => {
  const keptAlive = {
    mix: { 'new-connection': 0, 'keep-alive': 1, slow: 0 },
    requestsPerSecond: 1,
  };

  /** Answers the first request of each connection and closes it without a word at the second. */
  async function closing(connectionsEnd: boolean) {
    const seen = new Set<Socket>();
    const setup = await startTraffic(
      ({ socket }, response) => {
        if (seen.has(socket)) socket.destroy();
        else response.end();
        seen.add(socket);
      },
      { ...keptAlive, connectionsEnd },
    );
    await until(() => setup.requests.length === 1);
    await setup.clock.advance(950);
    await setup.clock.advance(100);
    await until(() => setup.requests.length === (connectionsEnd ? 3 : 2));
    await finish(setup);
    return setup.traffic.summary();
  }

  test('loses it through a load balancer that keeps the connections of its clients', async () => {
    expect(await closing(false)).toMatchObject({
      sent: 2,
      failed: 1,
      resent: 0,
      byStatus: { '200': 1, ECONNRESET: 1 },
    });
  });

  test('has it sent again where connections end with their tasks, and that is counted', async () => {
    expect(await closing(true)).toMatchObject({
      sent: 2,
      failed: 0,
      resent: 1,
      byStatus: { '200': 2 },
    });
  });

  test('is not what happens to a request that the client gave up', async () => {
    const seen = new Set<Socket>();
    const setup = await startTraffic(
      ({ socket }, response) => {
        if (!seen.has(socket)) response.end();
        seen.add(socket);
      },
      { ...keptAlive, connectionsEnd: true, timeoutMs: 500 },
    );
    await until(() => setup.requests.length === 1);
    await setup.clock.advance(1050);
    await until(() => setup.requests.length === 2);
    await finish(setup);
    expect(setup.requests).toHaveLength(2);
    expect(setup.traffic.summary()).toMatchObject({
      resent: 0,
      byStatus: { '200': 1, timeout: 1 },
    });
  });

  test('is no reason to send a request on a new connection again', async () => {
    const setup = await startTraffic(({ socket }) => socket.destroy(), {
      ...keptAlive,
      connectionsEnd: true,
    });
    await until(() => setup.requests.length === 1);
    await finish(setup);
    expect(setup.requests).toHaveLength(1);
    expect(setup.traffic.summary()).toMatchObject({ failed: 1, resent: 0 });
  });
});

test('tells which task definition answered, by the access log', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((_, response) => response.end('old'));
  await alb.addTarget((_, response) => response.end('new'));
  const traffic = new TrafficGenerator({
    address: { host: '127.0.0.1', port: alb.port },
    clock: alb.clock,
    requestsPerSecond: 10,
    mix: { 'new-connection': 1, 'keep-alive': 1, slow: 0 },
    taskDefinitionOf: (target) => ({ '10.0.0.1:3000': 'api:1', '10.0.0.2:3000': 'api:2' })[target],
  });
  closeLater(() => traffic.stop());
  traffic.start();
  await alb.clock.advance(950);
  await until(() => alb.log.length === 10);
  alb.log.forEach((record) => traffic.recordAccess(record));
  // Somebody else's request is not ours to count.
  traffic.recordAccess({ ...alb.log[0]!, traceRoot: '1-67891233-abcdef012345678912345678' });
  await finish({ clock: alb.clock, traffic });
  expect(traffic.summary()).toMatchObject({
    sent: 10,
    failed: 0,
    byTaskDefinition: { 'api:1': 5, 'api:2': 5 },
    errorsByTaskDefinition: {},
  });
});

test('catches up after a stall of the machine, and tells how long it was', async () => {
  const setup = await startTraffic((_, response) => response.end(), { mix: onlyNew });
  await until(() => setup.requests.length === 1);
  expect(setup.traffic.longestStallMs()).toBe(0);
  // The timer of the second request, due after 100 ms, fires 900 ms too late.
  setup.clock.stall(900);
  await setup.clock.advance(100);
  await until(() => setup.requests.length === 11);
  expect(setup.traffic.longestStallMs()).toBe(900);
  await finish(setup);
  expect(setup.traffic.summary()).toMatchObject({ sent: 11, succeeded: 11 });
});

test('refuses a rate that is no rate', () => {
  const options = {
    address: { host: '127.0.0.1', port: 1 },
    clock: new ManualClock(),
    taskDefinitionOf: () => undefined,
  };
  for (const requestsPerSecond of [0, -1, Number.NaN, 5000]) {
    expect(() => new TrafficGenerator({ ...options, requestsPerSecond })).toThrow(
      `got '${requestsPerSecond}'; give another --rps.`,
    );
  }
});
