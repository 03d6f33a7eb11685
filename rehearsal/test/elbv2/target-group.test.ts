import { Agent, createServer, request as httpRequest, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { ManualClock } from '../_helpers/manual-clock';
import {
  ask,
  closeAll,
  closeLater,
  listen,
  type Running,
  startLoadBalancer,
  TARGET_GROUP_ARN,
  until,
} from './fixtures';

afterEach(closeAll);

const delay = (seconds: number) => ({
  targetGroup: {
    TargetGroupAttributes: [
      { Key: 'deregistration_delay.timeout_seconds', Value: String(seconds) },
    ],
  },
});

const states = (alb: Running, target: string) =>
  alb.events.flatMap((event) =>
    event.kind === 'target-health' && event.target === target
      ? [{ at: event.time.slice(14, 19), state: event.state, reason: event.reason }]
      : [],
  );

/** A target whose health check answers what it is told. */
async function checkedTarget(alb: Running, handler: RequestListener) {
  let checks = 0;
  const server = createServer((request, response) => {
    checks += 1;
    handler(request, response);
  });
  const target = alb.register(await listen(server));
  return { target, checks: () => checks };
}

test('checks a new target at once, on a connection of its own, as the health checker', async () => {
  const alb = await startLoadBalancer();
  let seen: Record<string, unknown> = {};
  const { target } = await checkedTarget(alb, (request, response) => {
    seen = { url: request.url, ...request.headers };
    response.end();
  });
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, target)).toEqual({
    state: 'initial',
    reason: 'Elb.RegistrationInProgress',
    description: 'Target registration is in progress',
  });
  await until(() => alb.state(target) === 'healthy');
  expect(seen).toEqual({
    url: '/health',
    host: '10.0.0.1:3000',
    'user-agent': 'ELB-HealthChecker/2.0',
    connection: 'close',
  });
  expect(states(alb, '10.0.0.1:3000').map(({ state }) => state)).toEqual(['initial', 'healthy']);
});

test('takes a failing target out and brings it back, by interval and thresholds', async () => {
  const alb = await startLoadBalancer({
    targetGroup: { HealthyThresholdCount: 2, UnhealthyThresholdCount: 2 },
  });
  let status = 200;
  const { target, checks } = await checkedTarget(alb, (_, response) =>
    response.writeHead(status).end(),
  );
  const nextCheck = async () => {
    const before = checks();
    await alb.clock.advance(10_000);
    await until(() => checks() === before + 1);
  };
  await until(() => alb.state(target) === 'healthy');
  status = 500;
  await nextCheck();
  expect(alb.state(target)).toBe('healthy');
  await nextCheck();
  await until(() => alb.state(target) === 'unhealthy');
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, target).description).toBe(
    'Health checks failed with these codes: [500]',
  );
  status = 200;
  await nextCheck();
  expect(alb.state(target)).toBe('unhealthy');
  await nextCheck();
  await until(() => alb.state(target) === 'healthy');
});

test('checks health on another port of the task where the group says so', async () => {
  const alb = await startLoadBalancer({ targetGroup: { HealthCheckPort: '9000' } });
  let host: string | undefined;
  const checked = await listen(
    createServer((request, response) => {
      host = request.headers.host;
      response.end();
    }),
  );
  const served = await listen(createServer((_, response) => response.end('served')));
  const target = {
    id: '10.0.0.9',
    port: 3000,
    address: { host: '127.0.0.1', port: served },
    otherPorts: new Map([[9000, checked]]),
  };
  alb.loadBalancers.registerTarget(TARGET_GROUP_ARN, target);
  await until(() => alb.state(target) === 'healthy');
  expect(host).toBe('10.0.0.9:9000');
  expect((await ask(alb.port)).body).toBe('served');
});

test('a new target is told once as initial, whatever its first checks show', async () => {
  const alb = await startLoadBalancer();
  const { target, checks } = await checkedTarget(alb, (_, response) => {
    response.statusCode = 500;
    response.end();
  });
  await until(() => checks() === 1);
  await alb.clock.advance(10_000);
  await until(() => alb.state(target) === 'unhealthy');
  expect(states(alb, '10.0.0.1:3000').map(({ state }) => state)).toEqual(['initial', 'unhealthy']);
});

test('a check that hangs fails after the timeout', async () => {
  const alb = await startLoadBalancer();
  const { target, checks } = await checkedTarget(alb, () => undefined);
  await until(() => checks() === 1);
  await alb.clock.advance(5_000);
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, target).reason).toBe(
    'Elb.InitialHealthChecking',
  );
  await alb.clock.advance(5_000);
  await until(() => checks() === 2);
  await alb.clock.advance(5_000);
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, target)).toMatchObject({
    state: 'unhealthy',
    description: 'Request timed out',
  });
});

test('a matcher of several codes accepts each of them', async () => {
  const alb = await startLoadBalancer({ targetGroup: { Matcher: { HttpCode: '204,300-302' } } });
  const { target } = await checkedTarget(alb, (_, response) => response.writeHead(301).end());
  await until(() => alb.state(target) === 'healthy');
});

test('spreads requests evenly over healthy targets', async () => {
  const alb = await startLoadBalancer();
  for (const name of ['a', 'b', 'c']) await alb.addTarget((_, response) => response.end(name));
  const answers = [];
  for (let number = 0; number < 9; number += 1) answers.push((await ask(alb.port)).body);
  expect(answers.join('')).toBe('abcabcabc');
});

test('fails open when every target is unhealthy', async () => {
  const alb = await startLoadBalancer();
  const { target, checks } = await checkedTarget(alb, (request, response) =>
    response.writeHead(request.url === '/health' ? 500 : 200).end('still here'),
  );
  await until(() => checks() === 1);
  await alb.clock.advance(10_000);
  await until(() => alb.state(target) === 'unhealthy');
  expect(await ask(alb.port)).toMatchObject({ status: 200, body: 'still here' });
});

test('a draining target gets no new request, not even on a kept-alive connection', async () => {
  const alb = await startLoadBalancer(delay(30));
  const sockets = new Set<Socket>();
  const old = await alb.addTarget((request, response) => {
    sockets.add(request.socket);
    response.end('old');
  });
  const agent = new Agent({ keepAlive: true });
  closeLater(() => agent.destroy());
  expect((await ask(alb.port, { agent })).body).toBe('old');
  await alb.addTarget((_, response) => response.end('new'));
  alb.deregister(old);
  await until(() => [...sockets].every((socket) => socket.destroyed));
  const bodies = new Set<string>();
  for (let number = 0; number < 6; number += 1) bodies.add((await ask(alb.port, { agent })).body);
  expect(bodies).toEqual(new Set(['new']));
});

test('a target shows draining for the whole delay, then is unused', async () => {
  const alb = await startLoadBalancer(delay(30));
  const target = await alb.addTarget((_, response) => response.end());
  alb.deregister(target);
  alb.deregister(target);
  await alb.clock.advance(29_999);
  expect(alb.state(target)).toBe('draining');
  await alb.clock.advance(1);
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, target)).toEqual({
    state: 'unused',
    reason: 'Target.NotRegistered',
    description: 'Target is not registered to the target group',
  });
  expect(states(alb, '10.0.0.1:3000').slice(2)).toEqual([
    { at: '00:00', state: 'draining', reason: 'Target.DeregistrationInProgress' },
    { at: '00:30', state: 'unused', reason: 'Target.NotRegistered' },
  ]);
});

test('a request in flight at deregistration is answered', async () => {
  const alb = await startLoadBalancer(delay(30));
  let body = '';
  let closed = false;
  const target = await alb.addTarget((request, response) => {
    request.socket.once('close', () => (closed = true));
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => response.end(`thanks for ${body}`));
  });
  const slow = httpRequest({ host: '127.0.0.1', port: alb.port, method: 'PUT', agent: false });
  const answer = new Promise<string>((resolve) =>
    slow.on('response', (response) =>
      response.setEncoding('utf8').on('data', (text: string) => resolve(text)),
    ),
  );
  slow.write('a');
  await until(() => body === 'a');
  alb.deregister(target);
  await alb.clock.advance(10_000);
  slow.write('b');
  await until(() => body === 'ab');
  await alb.clock.advance(10_000);
  slow.end('c');
  expect(await answer).toBe('thanks for abc');
  expect(alb.state(target)).toBe('draining');
  // The connection is of no more use, long before the delay is over.
  await until(() => closed);
});

/** `--speed 10`: what AWS settings impose takes a tenth, what really runs takes its time. */
class FastClock extends ManualClock {
  override wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return super.wait(milliseconds / 10, signal);
  }

  override delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return super.wait(milliseconds, signal);
  }
}

test('speed shortens the delay of an idle target, not the time that a request in flight has', async () => {
  const alb = await startLoadBalancer({ ...delay(20), clock: new FastClock() });
  const idle = await alb.addTarget((_, response) => response.end());
  let finish: (() => void) | undefined;
  const busy = await alb.addTarget((_, response) => (finish = () => response.end('in time')));
  await ask(alb.port);
  const answer = ask(alb.port);
  await until(() => finish !== undefined);
  alb.deregister(idle);
  alb.deregister(busy);
  await alb.clock.advance(2_000);
  expect([alb.state(idle), alb.state(busy)]).toEqual(['unused', 'draining']);
  await alb.clock.advance(17_000);
  finish?.();
  expect((await answer).body).toBe('in time');
  await until(() => alb.state(busy) === 'unused');
});

test('a request that outlives the deregistration delay gets a 502', async () => {
  const alb = await startLoadBalancer(delay(20));
  let asked = false;
  const target = await alb.addTarget(() => (asked = true));
  const answer = ask(alb.port);
  await until(() => asked);
  alb.deregister(target);
  await alb.clock.advance(20_000);
  expect((await answer).status).toBe(502);
  expect(alb.log[0]).toMatchObject({
    status: 502,
    error: 'the deregistration delay ended while the request was in flight',
  });
  expect(alb.state(target)).toBe('unused');
});

test('a target that is registered again while it drains starts anew', async () => {
  const alb = await startLoadBalancer(delay(30));
  const target = await alb.addTarget((_, response) => response.end('back'));
  alb.deregister(target);
  await alb.clock.advance(10_000);
  alb.loadBalancers.registerTarget(TARGET_GROUP_ARN, target);
  await until(() => alb.state(target) === 'healthy');
  await alb.clock.advance(30_000);
  expect(alb.state(target)).toBe('healthy');
  expect((await ask(alb.port)).body).toBe('back');
});

test('a deregistered target is checked no more', async () => {
  const alb = await startLoadBalancer(delay(60));
  const { target, checks } = await checkedTarget(alb, (_, response) => response.end());
  await until(() => alb.state(target) === 'healthy');
  alb.deregister(target);
  await alb.clock.advance(50_000);
  expect(checks()).toBe(1);
});

test('a target that accepts connections and hangs up is unhealthy', async () => {
  const alb = await startLoadBalancer();
  const hangsUp = alb.register(await listen(createTcpServer((socket) => socket.destroy())));
  await alb.clock.advance(0);
  await until(
    () =>
      alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, hangsUp).reason ===
      'Elb.InitialHealthChecking',
  );
  await alb.clock.advance(10_000);
  await until(() => alb.state(hangsUp) === 'unhealthy');
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, hangsUp)).toMatchObject({
    reason: 'Target.FailedHealthChecks',
    description: 'Health checks failed',
  });
});
