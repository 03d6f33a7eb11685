import { Agent } from 'node:http';
import { connect } from 'node:net';
import { classifyRequest, desyncDecision } from '../../src/elbv2/desync';
import { ask, closeAll, closeLater, type Running, startLoadBalancer, until } from './fixtures';

afterEach(closeAll);

const classified = (method: string, headers: Record<string, string>) =>
  classifyRequest({
    method,
    rawHeaders: Object.entries(headers).flat(),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  });

test('requests are classified as the access log tells them', () => {
  expect(classified('GET', { Host: 'a', Accept: '*/*' })).toEqual({ classification: 'Compliant' });
  expect(classified('POST', { 'Content-Length': '3' })).toEqual({ classification: 'Compliant' });
  expect(classified('GET', { 'Content-Length': '0' })).toEqual({
    classification: 'Acceptable',
    reason: 'GetHeadZeroContentLength',
  });
  expect(classified('POST', { 'X-Name': 'Zoë' })).toEqual({
    classification: 'Acceptable',
    reason: 'NonCompliantHeader',
  });
  expect(classified('HEAD', { 'Content-Length': '3' })).toEqual({
    classification: 'Ambiguous',
    reason: 'UndefinedContentLengthSemantics',
  });
  expect(classified('GET', { 'Transfer-Encoding': 'chunked' })).toEqual({
    classification: 'Ambiguous',
    reason: 'UndefinedTransferEncodingSemantics',
  });
  expect(classified('POST', { Transfer_Encoding: 'chunked' })).toEqual({
    classification: 'Ambiguous',
    reason: 'SuspiciousHeader',
  });
});

test('the mode decides what becomes of each class', () => {
  const decisions = (mode: 'monitor' | 'defensive' | 'strictest') =>
    (['Compliant', 'Acceptable', 'Ambiguous'] as const).map((classification) =>
      desyncDecision({ classification }, mode),
    );
  expect(decisions('monitor')).toEqual(['forward', 'forward', 'forward']);
  expect(decisions('defensive')).toEqual(['forward', 'forward', 'forward-and-close']);
  expect(decisions('strictest')).toEqual(['forward', 'block', 'block']);
});

const start = (mode?: string) =>
  startLoadBalancer({
    loadBalancer: {
      LoadBalancerAttributes:
        mode === undefined ? [] : [{ Key: 'routing.http.desync_mitigation_mode', Value: mode }],
    },
  });

const ambiguous = { method: 'GET', headers: { 'Content-Length': '2' }, body: 'ab' };

/** How many connections a target gets for two requests of one client, and how many that has. */
async function connectionsFor(alb: Running, request: Parameters<typeof ask>[1]) {
  const seen = new Set<number | undefined>();
  await alb.addTarget((incoming, response) => {
    seen.add(incoming.socket.remotePort);
    incoming.resume().on('end', () => response.end('ok'));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closeLater(() => agent.destroy());
  const answers = [
    await ask(alb.port, { ...request, agent }),
    await ask(alb.port, { ...request, agent }),
  ];
  return { target: seen.size, answers };
}

test('an ambiguous request is let through in defensive mode, and ends both connections', async () => {
  const { target, answers } = await connectionsFor(await start(), ambiguous);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(answers.map(({ headers }) => headers['connection'])).toEqual(['close', 'close']);
  expect(target).toBe(2);
});

test('in monitor mode an ambiguous request is let through like any other', async () => {
  const { target, answers } = await connectionsFor(await start('monitor'), ambiguous);
  expect(answers.map(({ headers }) => headers['connection'])).toEqual(['keep-alive', 'keep-alive']);
  expect(target).toBe(1);
});

test('in strictest mode what does not comply gets a 400, and its connection is closed', async () => {
  const alb = await start('strictest');
  let asked = 0;
  await alb.addTarget((_, response) => {
    asked += 1;
    response.end('ok');
  });
  expect((await ask(alb.port)).status).toBe(200);
  const blocked = await ask(alb.port, { method: 'GET', headers: { 'Content-Length': '0' } });
  expect(blocked).toMatchObject({ status: 400, headers: { connection: 'close' } });
  expect(asked).toBe(1);
  expect(alb.log[1]?.error).toBe('routing.http.desync_mitigation_mode blocks the request');
});

test.each([
  'Content-Length: 1\r\nContent-Length: 2',
  'Transfer-Encoding: chunked\r\nContent-Length: 4',
])('a request with two lengths (%j) gets a 400 in every mode', async (lengths) => {
  const alb = await start('monitor');
  await alb.addTarget((_, response) => response.end('ok'));
  const socket = connect(alb.port, '127.0.0.1');
  let answer = '';
  let isClosed = false;
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  socket.on('close', () => (isClosed = true));
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${lengths}\r\n\r\n0\r\n\r\n`);
  await until(() => isClosed);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});
