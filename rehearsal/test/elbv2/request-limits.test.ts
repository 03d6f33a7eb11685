import { connect } from 'node:net';
import { refusalOf } from '../../src/elbv2/request-limits';
import { ask, closeAll, startLoadBalancer, until } from './fixtures';

afterEach(closeAll);

const plain = { method: 'GET', url: '/', rawHeaders: [], headers: {} };

test('a request line of 16 K passes, a longer one is a 414', () => {
  const url = (bytes: number) => '/'.padEnd(bytes - 'GET  HTTP/1.1'.length, 'a');
  expect(refusalOf({ ...plain, url: url(16_384) })).toBeUndefined();
  expect(refusalOf({ ...plain, url: url(16_385) })).toMatchObject({ status: 414 });
});

test('a single header of 16 K passes, a longer one is a 400', () => {
  const header = (bytes: number) => ['X-Big', 'a'.repeat(bytes - 'X-Big: '.length)];
  expect(refusalOf({ ...plain, rawHeaders: header(16_384) })).toBeUndefined();
  expect(refusalOf({ ...plain, rawHeaders: header(16_385) })).toMatchObject({
    status: 400,
    error: 'the header X-Big is longer than 16 K',
  });
});

test('30 addresses in X-Forwarded-For pass, 31 are a 463', () => {
  const from = (count: number) => ({
    headers: { 'x-forwarded-for': Array.from({ length: count }, () => '1.1.1.1').join(',') },
  });
  expect(refusalOf({ ...plain, ...from(30) })).toBeUndefined();
  expect(refusalOf({ ...plain, ...from(31) })).toMatchObject({ status: 463 });
});

test('what is refused reaches no target, and is in the log', async () => {
  const alb = await startLoadBalancer();
  let asked = 0;
  await alb.addTarget((_, response) => {
    asked += 1;
    response.end();
  });
  expect((await ask(alb.port, { path: `/${'a'.repeat(20_000)}` })).status).toBe(414);
  expect((await ask(alb.port, { headers: { 'X-Big': 'a'.repeat(20_000) } })).status).toBe(400);
  expect(asked).toBe(0);
  expect(alb.log.map(({ status, error }) => [status, error])).toEqual([
    [414, 'the request line is longer than 16 K'],
    [400, 'the header X-Big is longer than 16 K'],
  ]);
});

test.each([
  [
    'headers of more than 64 K in total',
    Array.from({ length: 5 }, (_, n) => `X-${n}: ${'a'.repeat(15_000)}`),
    400,
  ],
  ['a transfer encoding that it does not know', ['Transfer-Encoding: gzip'], 501],
])('%s are answered and the connection is closed', async (_what, lines, status) => {
  const alb = await startLoadBalancer();
  const socket = connect(alb.port, '127.0.0.1');
  let received = '';
  let closed = false;
  socket.on('data', (bytes) => (received += bytes.toString()));
  socket.on('error', () => (closed = true));
  socket.on('close', () => (closed = true));
  socket.write(['POST / HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n'));
  await until(() => closed);
  expect(received.match(/^HTTP\/1.1 \d+/gm)).toEqual([`HTTP/1.1 ${status}`]);
});
