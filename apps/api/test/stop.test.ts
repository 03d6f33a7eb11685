import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBundle, cleanUp, runBundle, startService } from './_helpers/service-process';

let bundle: string;
beforeAll(() => {
  bundle = buildBundle();
}, 60_000);
afterAll(cleanUp);

jest.setTimeout(30_000);

const host = '127.0.0.1';

/** The best of up to three tries: the service's own time, without what a busy machine adds. */
async function quickest(tryOnce: () => Promise<{ tookMs: number }>): Promise<number> {
  let best = Infinity;
  for (let tries = 0; tries < 3 && best >= 1000; tries += 1) {
    best = Math.min(best, (await tryOnce()).tookMs);
  }
  return best;
}

async function get(port: number, path: string, agent?: Agent) {
  const sent = httpRequest({ host, port, path, ...(agent && { agent }) }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** A request in flight: its headers have arrived, the end of its body is still to come. */
async function startSlowRequest(port: number) {
  const body = '{"slow":true}';
  const sent = httpRequest({
    host,
    port,
    path: '/',
    agent: new Agent({ keepAlive: true }),
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      // The service's 100 Continue shows that it has begun to handle the request.
      Expect: '100-continue',
    },
  });
  sent.flushHeaders();
  await once(sent, 'continue');
  const finish = async () => {
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };
  return { sent, finish };
}

test('an idle service stops within a second of SIGTERM, with 0', async () => {
  const tookMs = await quickest(async () => {
    const service = await startService(bundle);
    const stopped = await service.stop();
    expect(stopped).toMatchObject({ code: 0, stderr: '' });
    expect(service.logLines().map(({ message }) => message)).toEqual([
      'listening',
      'grace',
      'draining',
      'stopped',
    ]);
    return stopped;
  });
  expect(tookMs).toBeLessThan(1000);
});

test('idle connections, used or never used, do not delay the stop', async () => {
  const tookMs = await quickest(async () => {
    const { port, stop } = await startService(bundle);
    const agent = new Agent({ keepAlive: true });
    await get(port, '/', agent);
    const silent = connect(port, host);
    await once(silent, 'connect');
    const silentClosed = once(silent, 'close');
    const stopped = await stop();
    expect(stopped.code).toBe(0);
    await silentClosed;
    agent.destroy();
    return stopped;
  });
  expect(tookMs).toBeLessThan(1000);
});

test('a request that takes 3 s and is in flight at SIGTERM is answered', async () => {
  const { port, stop } = await startService(bundle, { COMMIT: 'abc1234' });
  const slow = await startSlowRequest(port);
  const stopped = stop();
  await sleep(3000);
  const { status, headers, body } = await slow.finish();
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ commit: 'abc1234' });
  expect(headers.connection).toBe('close');
  const { code, tookMs } = await stopped;
  expect(code).toBe(0);
  expect(tookMs).toBeGreaterThanOrEqual(3000);
});

test('during the grace period requests are answered, health is 503, and connections close', async () => {
  const service = await startService(bundle, {
    SHUTDOWN_GRACE_MS: '60000',
    SHUTDOWN_DEADLINE_MS: '100000',
  });
  service.child.kill('SIGTERM');
  await service.logged('grace');
  const health = await get(service.port, '/health');
  expect(health.status).toBe(503);
  expect(JSON.parse(health.body)).toMatchObject({ status: 'stopping' });
  const answer = await get(service.port, '/');
  expect(answer.status).toBe(200);
  expect(answer.headers.connection).toBe('close');
  await service.stop();
});

test('after the grace period new connections are refused while the old request goes on', async () => {
  const service = await startService(bundle, { SHUTDOWN_GRACE_MS: '0' });
  const slow = await startSlowRequest(service.port);
  const stopped = service.stop();
  await service.logged('draining');
  // Reset: it had reached the kernel's queue just before the socket was closed.
  await expect(get(service.port, '/')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
  expect((await slow.finish()).status).toBe(200);
  expect((await stopped).code).toBe(0);
});

test('a second signal ends the service at once, not with 0', async () => {
  const service = await startService(bundle);
  const slow = await startSlowRequest(service.port);
  slow.sent.on('error', () => undefined);
  service.child.kill('SIGTERM');
  await service.logged('grace');
  // With the request still open, neither 0 nor the deadline's 1 could come this soon.
  expect((await service.stop()).code).toBe(143);
});

test('a request that outlasts the deadline is given up, and the exit code is not 0', async () => {
  const service = await startService(bundle, {
    SHUTDOWN_GRACE_MS: '0',
    SHUTDOWN_DEADLINE_MS: '50',
  });
  const slow = await startSlowRequest(service.port);
  slow.sent.on('error', () => undefined);
  expect((await service.stop()).code).toBe(1);
});

test('PORT=abc is one clear message and exit code 1, without a stack', async () => {
  const { code, stderr } = await runBundle(bundle, { PORT: 'abc' }).ended;
  expect(code).toBe(1);
  expect(stderr).toBe(
    'The service cannot start with this environment:\n' +
      "  - PORT must be a whole number from 0 to 65535, got 'abc'\n",
  );
});

test('a port that is taken is one clear message and exit code 1, without a stack', async () => {
  const taken = createServer().listen(0, host);
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await runBundle(bundle, { PORT: String(port) }).ended;
  taken.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^Cannot listen on 127.0.0.1:${port}: .*EADDRINUSE.*\n$`));
});
