import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { selfSignedCertificate } from '../../src/elbv2/self-signed-certificate';
import { ask, closeAll, closeLater, listen, startLoadBalancer, until } from './fixtures';

afterEach(closeAll);

const https = { Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS' };

const start = (targetGroup: Record<string, unknown> = https) => startLoadBalancer({ targetGroup });

/** A target whose certificate nobody has signed and which has long run out. */
function serveTls(handler: RequestListener): Promise<number> {
  const { key, certificate } = selfSignedCertificate(['somewhere.else'], Date.UTC(2001, 0, 1));
  return listen(createTlsServer({ key, cert: certificate }, handler));
}

test('targets are asked and checked by TLS, whatever certificate they show', async () => {
  const alb = await start();
  const asked: string[] = [];
  const target = alb.register(
    await serveTls((request, response) => {
      asked.push(request.url ?? '');
      response.end('by TLS');
    }),
  );
  await until(() => alb.state(target) === 'healthy');
  expect(asked).toEqual(['/health']);
  expect(await ask(alb.port)).toMatchObject({ status: 200, body: 'by TLS' });
});

test('connections of TLS to a target are kept for the next request', async () => {
  const alb = await start({ ...https, HealthCheckProtocol: 'HTTP' });
  const { key, certificate } = selfSignedCertificate(['a'], Date.now());
  let connections = 0;
  const server = createTlsServer({ key, cert: certificate }, (_, response) => response.end('ok'));
  server.on('secureConnection', () => (connections += 1));
  alb.register(await listen(server));
  await ask(alb.port);
  await ask(alb.port);
  expect(connections).toBe(1);
});

test('a health check by HTTP fails at a target that speaks TLS, and the other way round', async () => {
  const alb = await start({ ...https, HealthCheckProtocol: 'HTTP', UnhealthyThresholdCount: 2 });
  const target = alb.register(await serveTls((_, response) => response.end()));
  await until(() => alb.events.some((event) => event.kind === 'target-health'));
  await alb.clock.advance(10_000);
  await until(() => alb.state(target) === 'unhealthy');
  const other = await start({ ...https, Protocol: 'HTTP', UnhealthyThresholdCount: 2 });
  const plain = other.register(
    await listen(createTcpServer((socket) => socket.on('error', () => undefined).end('hello'))),
  );
  await other.clock.advance(10_000);
  await until(() => other.state(plain) === 'unhealthy');
});

test('answers 502 when the TLS handshake with the target fails', async () => {
  const alb = await start();
  alb.register(
    await listen(
      createTcpServer((socket) => socket.on('error', () => undefined).end('no TLS at all')),
    ),
  );
  expect((await ask(alb.port)).status).toBe(502);
  expect(alb.log[0]?.error).toMatch(/^no valid answer from the target: /);
});

test('answers 502 when the TLS handshake with the target takes 10 seconds', async () => {
  const alb = await start();
  let connected = 0;
  const silent = createTcpServer((socket) => {
    connected += 1;
    socket.resume();
    closeLater(() => void socket.destroy());
  });
  alb.register(await listen(silent));
  const before = connected;
  const answer = ask(alb.port);
  await until(() => connected > before + 1);
  for (let turn = 0; turn < 20; turn += 1) await alb.clock.advance(0);
  await alb.clock.advance(10_000);
  expect((await answer).status).toBe(502);
  expect(alb.log[0]?.error).toBe('no TLS handshake with the target within 10 s');
});
