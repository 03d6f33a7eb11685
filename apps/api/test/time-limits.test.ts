import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { bytes } from './_helpers/raw-client';
import { buildBundle, cleanUp, startService } from './_helpers/service-process';

jest.setTimeout(60_000);

let service: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  service = await startService(buildBundle(), {
    HEADERS_TIMEOUT_MS: '300',
    REQUEST_TIMEOUT_MS: '300',
  });
}, 60_000);
afterAll(async () => {
  expect((await service.stop()).code).toBe(0);
  await cleanUp();
});

const GET = 'GET / HTTP/1.1\r\nHost: api\r\n\r\n';

async function open(): Promise<Socket> {
  const socket = connect(service.port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function answerTo(socket: Socket, request: string): Promise<string> {
  socket.write(request);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString('latin1').split('\r\n')[0]!;
}

/** Sends bytes one at a time until the server has had enough. @returns what it answered */
async function drip(socket: Socket, request: string): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    socket.write(bytes(request.charAt(sent % request.length)));
  }, 20);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  return text;
}

test('a client that sends its headers byte by byte gets a 408 and is cut', async () => {
  const slow = await open();
  slow.write('GET / HTTP/1.1\r\nHost: api\r\nX-Slow: ');
  const answer = await drip(slow, 'slow');
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual({
    error: 'request_timeout',
    message: 'the request was not complete in time',
  });
});

test('a body that never ends gets a 408 and is cut', async () => {
  const endless = await open();
  endless.write(
    'POST / HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
  );
  expect(await drip(endless, '1')).toMatch(/^HTTP\/1\.1 408 /);
});

test('connections that wait are not cut with the slow ones: neither used ones nor new ones', async () => {
  const [used, unused, slow] = [await open(), await open(), await open()];
  expect(await answerTo(used, GET)).toBe('HTTP/1.1 200 OK');
  slow.write('GET / HTTP/1.1\r\n');
  await drip(slow, 'X');
  expect(await answerTo(used, GET)).toBe('HTTP/1.1 200 OK');
  expect(await answerTo(unused, GET)).toBe('HTTP/1.1 200 OK');
  used.destroy();
  unused.destroy();
});
