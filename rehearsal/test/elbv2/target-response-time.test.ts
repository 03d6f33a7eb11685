import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { ask, closeAll, closeLater, startLoadBalancer, until } from './fixtures';

afterEach(closeAll);

/** A load balancer, and the exchanges that its target was asked for. */
async function start() {
  const alb = await startLoadBalancer();
  const asked: { request: IncomingMessage; response: ServerResponse }[] = [];
  await alb.addTarget((request, response) => void asked.push({ request, response }));
  return { alb, asked };
}

/** A client that sends a body in parts. */
function upload(port: number) {
  const client = httpRequest({ host: '127.0.0.1', port, method: 'PUT', agent: false });
  const status = new Promise<number>((resolve) =>
    client.on('response', (answer) => resolve(answer.resume().statusCode ?? 0)),
  );
  return { client, status };
}

test('a slow answer counts until its headers', async () => {
  const { alb, asked } = await start();
  const answer = ask(alb.port);
  await until(() => asked.length === 1);
  await alb.clock.advance(4_000);
  asked[0]!.response.end('done');
  expect((await answer).status).toBe(200);
  expect(alb.log[0]).toMatchObject({ durationMs: 4_000, targetResponseMs: 4_000 });
});

test('a long stream counts only until its headers', async () => {
  const { alb, asked } = await start();
  const answer = ask(alb.port);
  await until(() => asked.length === 1);
  const { response } = asked[0]!;
  await alb.clock.advance(200);
  response.write('first');
  await alb.clock.advance(30_000);
  response.end('last');
  expect((await answer).body).toBe('firstlast');
  expect(alb.log[0]).toMatchObject({ durationMs: 30_200, targetResponseMs: 200 });
});

test('a slow upload does not count, and what the target does afterwards does', async () => {
  const { alb, asked } = await start();
  const { client, status } = upload(alb.port);
  client.write('one');
  await until(() => asked.length === 1);
  const { request, response } = asked[0]!;
  request.resume();
  await alb.clock.advance(20_000);
  client.end('two');
  await once(request, 'end');
  await alb.clock.advance(300);
  response.end();
  expect(await status).toBe(200);
  expect(alb.log[0]).toMatchObject({ durationMs: 20_300, targetResponseMs: 300 });
});

test('a target that answers before it has the whole request took no time', async () => {
  const { alb, asked } = await start();
  const { client, status } = upload(alb.port);
  client.write('one');
  await until(() => asked.length === 1);
  await alb.clock.advance(5_000);
  asked[0]!.response.end('enough');
  expect(await status).toBe(200);
  client.end('two');
  await until(() => alb.log.length === 1);
  expect(alb.log[0]).toMatchObject({ status: 200, targetResponseMs: 0 });
});

test('a request on a kept-alive connection is measured from itself, not from the one before', async () => {
  const { alb, asked } = await start();
  for (const [turn, milliseconds] of [1_000, 50].entries()) {
    const answer = ask(alb.port);
    await until(() => asked.length === turn + 1);
    await alb.clock.advance(milliseconds);
    asked[turn]!.response.end();
    await answer;
  }
  expect(asked[1]!.request.socket).toBe(asked[0]!.request.socket);
  expect(alb.log.map(({ targetResponseMs }) => targetResponseMs)).toEqual([1_000, 50]);
});

test('a switch of protocols counts until it is granted, not while the connection lasts', async () => {
  const { alb, asked } = await start();
  const client = connect(alb.port, '127.0.0.1').on('error', () => undefined);
  closeLater(() => void client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n');
  await until(() => asked.length === 1);
  const { socket } = asked[0]!.request;
  await alb.clock.advance(700);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n');
  await once(client, 'data');
  await alb.clock.advance(10_000);
  client.destroy();
  await until(() => alb.log.length === 1);
  expect(alb.log[0]).toMatchObject({ status: 101, durationMs: 10_700, targetResponseMs: 700 });
});

test('a target that closes the connection without an answer has no response time', async () => {
  const { alb, asked } = await start();
  const answer = ask(alb.port);
  await until(() => asked.length === 1);
  asked[0]!.request.socket.destroy();
  expect((await answer).status).toBe(502);
  expect(alb.log[0]).toMatchObject({ status: 502, targetResponseMs: undefined });
});
