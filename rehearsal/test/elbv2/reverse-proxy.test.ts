import { Agent, createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import {
  ask,
  closeAll,
  closeLater,
  LISTENER_ARN,
  listen,
  resource,
  startLoadBalancer,
  until,
} from './fixtures';

afterEach(closeAll);

test('hands a request and its answer through, both with their headers and bodies', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      response.writeHead(201, 'Made', { 'X-Of-Target': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
    });
  });
  const answer = await ask(alb.port, { method: 'POST', path: '/things?x=1', body: 'payload' });
  expect(answer).toMatchObject({ status: 201, body: 'POST /things?x=1 payload' });
  expect(answer.headers).toMatchObject({ 'x-of-target': 'yes', 'set-cookie': ['a=1', 'b=2'] });
  expect(alb.log).toEqual([
    expect.objectContaining({
      method: 'POST',
      path: '/things?x=1',
      status: 201,
      targetStatus: 201,
      target: '10.0.0.1:3000',
      bytes: 24,
    }),
  ]);
});

test('tells the target who asked, by which protocol and port, and under which trace id', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((request, response) => response.end(JSON.stringify(request.headers)));
  const own = JSON.parse((await ask(alb.port)).body);
  expect(own).toMatchObject({
    host: `127.0.0.1:${alb.port}`,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': '80',
    'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
  });
  const root = '1-67891233-abcdef012345678912345678';
  const given = JSON.parse(
    (
      await ask(alb.port, {
        headers: { 'X-Amzn-Trace-Id': `Root=${root};CalledFrom=app`, 'X-Forwarded-For': '9.9.9.9' },
      })
    ).body,
  );
  expect(given['x-forwarded-for']).toBe('9.9.9.9, 127.0.0.1');
  expect(given['x-amzn-trace-id']).toMatch(
    new RegExp(`^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=${root};CalledFrom=app$`),
  );
  expect(alb.log[1]?.traceRoot).toBe(root);
});

test('passes a request body on a GET, as slow clients send them', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((request, response) => {
    request.pipe(response);
  });
  const answer = await ask(alb.port, {
    headers: { 'Transfer-Encoding': 'chunked' },
    body: '{"a":1}',
  });
  expect(answer.body).toBe('{"a":1}');
});

test('answers 503 like an Application Load Balancer when no target is registered', async () => {
  const alb = await startLoadBalancer();
  const answer = await ask(alb.port);
  expect(answer.status).toBe(503);
  expect(answer.headers).toMatchObject({ server: 'awselb/2.0', 'content-type': 'text/html' });
  expect(answer.body).toContain('<center><h1>503 Service Temporarily Unavailable</h1></center>');
  expect(alb.log[0]).toMatchObject({ status: 503, bytes: answer.body.length });
  expect(alb.log[0]).not.toHaveProperty('target');
});

test('answers 502 when the target refuses the connection', async () => {
  const alb = await startLoadBalancer();
  const server = createServer();
  const port = await listen(server);
  server.close();
  alb.register(port);
  expect((await ask(alb.port)).status).toBe(502);
  expect(alb.log[0]?.error).toMatch(/^no valid answer from the target: connect ECONNREFUSED/);
});

test('answers 502 when the target closes the connection with the request outstanding', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((request) => request.socket.destroy());
  expect((await ask(alb.port)).status).toBe(502);
  expect(alb.log[0]).toMatchObject({
    status: 502,
    target: '10.0.0.1:3000',
    error: 'the target closed the connection with the request outstanding',
  });
  expect(alb.log[0]).not.toHaveProperty('targetStatus');
});

test('answers 502 when the answer is not HTTP or its header is over 32 K', async () => {
  const alb = await startLoadBalancer();
  const withHeaderOf = (bytes: number) =>
    `HTTP/1.1 200 OK\r\nX-Big: ${'a'.repeat(bytes)}\r\nContent-Length: 0\r\n\r\n`;
  const answers = ['no http\r\n\r\n', withHeaderOf(33_000), withHeaderOf(31_000)];
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (bytes) => {
      if (bytes.toString().startsWith('GET /health')) {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      } else socket.end(answers.shift() ?? '');
    });
  });
  const target = alb.register(await listen(server));
  await until(() => alb.state(target) === 'healthy');
  expect((await ask(alb.port)).status).toBe(502);
  expect((await ask(alb.port)).status).toBe(502);
  expect((await ask(alb.port)).status).toBe(200);
});

// Elsewhere the kernel refuses what it cannot queue instead of leaving it waiting.
const testOnLinux = process.platform === 'linux' ? test : test.skip;

testOnLinux('answers 504 when there is no connection to the target within 10 seconds', async () => {
  const alb = await startLoadBalancer();
  // A server that never accepts, because its thread is blocked, and whose queue is full.
  const worker = new Worker(
    `const server = require('node:net').createServer();
     server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
       require('node:worker_threads').parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(require('node:worker_threads').workerData, 0, 0));
     });`,
    { eval: true, workerData: new Int32Array(new SharedArrayBuffer(4)) },
  );
  closeLater(async () => {
    await worker.terminate();
  });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  let connected = 0;
  for (let number = 0; number < 2; number += 1) {
    const filler = connect(port, '127.0.0.1', () => (connected += 1)).on('error', () => undefined);
    closeLater(() => void filler.destroy());
  }
  await until(() => connected === 2);
  alb.register(port);
  await alb.clock.advance(10_000);
  const answer = ask(alb.port);
  for (let turn = 0; turn < 100; turn += 1) await alb.clock.advance(0);
  await alb.clock.advance(9_999);
  expect(alb.log).toEqual([]);
  await alb.clock.advance(1);
  expect((await answer).status).toBe(504);
  expect(alb.log[0]?.error).toBe('no connection to the target within 10 s');
});

test('answers 504 when the target stays silent for the idle timeout', async () => {
  const alb = await startLoadBalancer({
    loadBalancer: {
      LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '7' }],
    },
  });
  let asked = false;
  await alb.addTarget(() => (asked = true));
  const answer = ask(alb.port);
  await until(() => asked);
  await alb.clock.advance(6_999);
  expect(alb.log).toEqual([]);
  await alb.clock.advance(1);
  expect((await answer).status).toBe(504);
  expect(alb.log[0]).toMatchObject({ status: 504, durationMs: 7_000 });
});

test('each byte of a slow body starts the idle timeout anew', async () => {
  const alb = await startLoadBalancer();
  let received = 0;
  await alb.addTarget((request, response) => {
    request.on('data', (chunk: Buffer) => (received += chunk.length));
    request.on('end', () => response.end('thanks'));
  });
  const slow = httpRequest({ host: '127.0.0.1', port: alb.port, method: 'PUT', agent: false });
  const answer = new Promise<number>((resolve) =>
    slow.on('response', (response) => resolve(response.resume().statusCode ?? 0)),
  );
  for (let part = 1; part <= 3; part += 1) {
    slow.write('x');
    await until(() => received === part);
    await alb.clock.advance(59_000);
  }
  slow.end();
  expect(await answer).toBe(200);
});

test('answers 408 when the client stops in the middle of its body', async () => {
  const alb = await startLoadBalancer();
  let received = false;
  await alb.addTarget((request) => request.on('data', () => (received = true)));
  const stalled = httpRequest({ host: '127.0.0.1', port: alb.port, method: 'PUT', agent: false });
  const status = new Promise<number>((resolve) =>
    stalled.on('response', (response) => resolve(response.resume().statusCode ?? 0)),
  );
  stalled.on('error', () => undefined);
  stalled.write('x');
  await until(() => received);
  await alb.clock.advance(60_000);
  expect(await status).toBe(408);
});

test('a kept-alive connection that the target closes with the next request is a 502, not a retry', async () => {
  const alb = await startLoadBalancer();
  const requests: string[] = [];
  // The race of a keep-alive timeout that is too short: the close crosses the next request.
  const server = createTcpServer((socket) => {
    let first = true;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      requests.push(bytes.toString().split(' ')[1] ?? '');
      if (first) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.destroy();
      first = false;
    });
  });
  const target = alb.register(await listen(server));
  await until(() => alb.state(target) === 'healthy');
  expect((await ask(alb.port, { path: '/first' })).status).toBe(200);
  expect((await ask(alb.port, { path: '/second' })).status).toBe(502);
  expect(requests).toEqual(['/health', '/first', '/second']);
  expect(alb.log[1]?.error).toBe(
    'the target closed the connection with the request outstanding, which was a kept-alive one',
  );
});

test('a connection that the target closed while idle is not used again', async () => {
  const alb = await startLoadBalancer();
  const sockets: Socket[] = [];
  await alb.addTarget((request, response) => {
    sockets.push(request.socket);
    response.end();
  });
  await ask(alb.port);
  await ask(alb.port);
  expect(sockets[1]).toBe(sockets[0]);
  const closed = new Promise((resolve) => sockets[0]!.once('close', resolve));
  sockets[0]!.end();
  await closed;
  await until(() => sockets[0]!.destroyed);
  expect((await ask(alb.port)).status).toBe(200);
  expect(sockets[2]).not.toBe(sockets[0]);
});

test('keeps an idle connection for the idle timeout, whatever the target announces', async () => {
  const alb = await startLoadBalancer();
  const sockets: Socket[] = [];
  await alb.addTarget((request, response) => {
    sockets.push(request.socket);
    response.setHeader('Keep-Alive', 'timeout=1');
    response.end();
  });
  await ask(alb.port);
  await alb.clock.advance(59_999);
  await ask(alb.port);
  expect(sockets[1]).toBe(sockets[0]);
  await alb.clock.advance(60_000);
  await until(() => sockets[0]!.destroyed);
  await ask(alb.port);
  expect(sockets[2]).not.toBe(sockets[0]);
});

test('closes a client connection that is idle for the idle timeout, and not before', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((_, response) => response.end('ok'));
  const agent = new Agent({ keepAlive: true });
  closeLater(() => agent.destroy());
  await ask(alb.port, { agent });
  const socket = Object.values(agent.freeSockets)[0]![0]!;
  await alb.clock.advance(59_999);
  expect(socket.destroyed).toBe(false);
  await alb.clock.advance(1);
  await until(() => socket.destroyed);
});

test("asks a client to leave when its connection has lived for the client's keep-alive time", async () => {
  const alb = await startLoadBalancer({
    loadBalancer: {
      LoadBalancerAttributes: [
        { Key: 'client_keep_alive.seconds', Value: '60' },
        { Key: 'idle_timeout.timeout_seconds', Value: '600' },
      ],
    },
  });
  await alb.addTarget((_, response) => response.end('ok'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closeLater(() => agent.destroy());
  expect((await ask(alb.port, { agent })).headers['connection']).toBe('keep-alive');
  await alb.clock.advance(60_000);
  expect((await ask(alb.port, { agent })).headers['connection']).toBe('close');
});

test('writes 460 and stops the target when the client leaves before the answer', async () => {
  const alb = await startLoadBalancer();
  let left = false;
  let asked = false;
  await alb.addTarget((request) => {
    asked = true;
    request.socket.once('close', () => (left = true));
  });
  const impatient = httpRequest({ host: '127.0.0.1', port: alb.port, agent: false });
  impatient.on('error', () => undefined);
  impatient.end();
  await until(() => asked);
  impatient.destroy();
  await until(() => left && alb.log.length === 1);
  expect(alb.log[0]).toMatchObject({ status: 460, target: '10.0.0.1:3000' });
});

test('cuts the client off when the target breaks off within its answer', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((request, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('half', () => request.socket.destroy());
  });
  await expect(ask(alb.port)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(alb.log[0]).toMatchObject({
    status: 200,
    bytes: 4,
    error: 'the target closed the connection within its answer',
  });
});

test('does not read from the target faster than the client takes', async () => {
  const alb = await startLoadBalancer();
  const chunk = Buffer.alloc(64 * 1024);
  const chunks = 1_000;
  let sent = 0;
  await alb.addTarget((_, response) => {
    const more = () => {
      while (sent < chunks) {
        sent += 1;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  const client = httpRequest({ host: '127.0.0.1', port: alb.port, agent: false });
  const response = await new Promise<IncomingMessage>((resolve) => {
    client.on('response', resolve);
    client.end();
  });
  let before = -1;
  while (before !== sent) {
    before = sent;
    for (let turn = 0; turn < 200; turn += 1) await new Promise((done) => setImmediate(done));
  }
  // What fits into the buffers of the sockets, which is far from the 64 MB of the whole answer.
  expect(sent).toBeLessThan(chunks / 2);
  let received = 0;
  for await (const part of response) received += (part as Buffer).length;
  expect(received).toBe(chunks * chunk.length);
});

test('hands a WebSocket through in both directions and writes one 101 to the log', async () => {
  const alb = await startLoadBalancer();
  const server = createServer((_, response) => response.end());
  server.on('upgrade', (request, socket) => {
    const { upgrade, connection } = request.headers;
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgrade ?? ''}\r\nConnection: ${connection ?? ''}\r\n\r\nhello`,
    );
    socket.on('data', (bytes: Buffer) => socket.write(bytes.toString().toUpperCase()));
    socket.on('end', () => socket.end());
  });
  const target = alb.register(await listen(server));
  await until(() => alb.state(target) === 'healthy');
  const socket = connect(alb.port, '127.0.0.1');
  closeLater(() => void socket.destroy());
  let received = '';
  socket.on('data', (bytes) => (received += bytes.toString()));
  socket.write(
    'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n',
  );
  await until(() => received.endsWith('hello'));
  expect(received).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n/);
  socket.write('ping');
  await until(() => received.endsWith('PING'));
  socket.end();
  await until(() => alb.log.length === 1);
  expect(alb.log[0]).toMatchObject({ status: 101, targetStatus: 101, path: '/chat', bytes: 4 });
});

test('hands a refused upgrade back as the ordinary answer that it is', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((_, response) => {
    response.statusCode = 426;
    response.end('no');
  });
  const answer = await ask(alb.port, { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } });
  expect(answer).toMatchObject({ status: 426, body: 'no' });
  await until(() => alb.log.length === 1);
});

test('closes a WebSocket that is silent for the idle timeout', async () => {
  const alb = await startLoadBalancer();
  const server = createServer((_, response) => response.end());
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');
    socket.on('end', () => socket.end());
  });
  const target = alb.register(await listen(server));
  await until(() => alb.state(target) === 'healthy');
  const socket = connect(alb.port, '127.0.0.1');
  let received = '';
  let closed = false;
  socket.on('data', (bytes) => (received += bytes.toString()));
  socket.on('close', () => (closed = true));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await until(() => received.includes('101'));
  await alb.clock.advance(60_000);
  await until(() => closed);
});

test('refuses TRACE, malformed requests and endless X-Forwarded-For headers', async () => {
  const alb = await startLoadBalancer();
  expect((await ask(alb.port, { method: 'TRACE' })).status).toBe(405);
  const many = Array.from({ length: 31 }, () => '1.1.1.1').join(', ');
  expect((await ask(alb.port, { headers: { 'X-Forwarded-For': many } })).status).toBe(463);
  const socket = connect(alb.port, '127.0.0.1');
  let received = '';
  socket.on('data', (bytes) => (received += bytes.toString()));
  socket.write('what is this\r\n\r\n');
  await until(() => received.includes('</html>'));
  expect(received).toMatch(/^HTTP\/1.1 400 Bad Request\r\nServer: awselb\/2.0/);
});

test('plays redirects, fixed answers and rules by path', async () => {
  const alb = await startLoadBalancer({
    listener: {
      DefaultActions: [
        {
          Type: 'redirect',
          RedirectConfig: { StatusCode: 'HTTP_301', Protocol: 'HTTPS', Port: '443' },
        },
      ],
    },
    more: [
      resource('ListenerRule', 'rule', {
        ListenerArn: LISTENER_ARN,
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/closed/*'] } }],
        Actions: [
          {
            Type: 'fixed-response',
            FixedResponseConfig: { StatusCode: '410', MessageBody: 'gone' },
          },
        ],
      }),
    ],
  });
  expect(
    (await ask(alb.port, { path: '/a?b=c', headers: { Host: 'example.com' } })).headers,
  ).toMatchObject({
    location: 'https://example.com:443/a?b=c',
  });
  expect(await ask(alb.port, { path: '/closed/door' })).toMatchObject({
    status: 410,
    body: 'gone',
  });
  expect(alb.log.map(({ status }) => status)).toEqual([301, 410]);
});
