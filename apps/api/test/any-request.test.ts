import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { createHttpServer } from '../src/http-server';
import { createLog } from '../src/log';
import { loadConfig } from '../src/config';
import { createApp } from '../src/app';
import { errorHandler } from '../src/middleware/error-handler';
import { sendRaw } from './_helpers/raw-client';

/** Whatever comes: no 5xx, no stack, and JSON that names the mistake. */

// Hundreds of connections, on whatever machine the build runs.
jest.setTimeout(60_000);

const lines: string[] = [];
const config = loadConfig({});
const log = createLog('info', (line) => lines.push(line));
const server = createHttpServer({
  config,
  log,
  app: createApp({ config, log, isReady: () => true }),
});
let port: number;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
});

/** One character per byte, without those that would end the line */
const text = (maxLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength })
    .map((codes) => String.fromCharCode(...codes).replace(/[\r\n]/g, ''));
const token = fc.stringMatching(/^[A-Za-z][a-z-]{0,20}$/);

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS') },
  { weight: 1, arbitrary: token },
);
const path = fc.oneof(
  fc.constantFrom('/', '/health', '*', 'http://api/', '//', '/%', '/?'),
  fc.webPath().map((value) => `/${value}`),
  text(40),
  text(40).map((value) => `/${value.replaceAll(' ', '')}`),
);
const header = fc.oneof(
  fc.tuple(token, fc.stringMatching(/^[ -~]{0,40}$/)),
  fc.tuple(token, text(40)),
  fc.tuple(
    fc.constantFrom('Content-Type', 'Content-Encoding', 'Transfer-Encoding', 'Expect', 'Upgrade'),
    fc.constantFrom(
      'application/json',
      'gzip',
      'chunked',
      '100-continue',
      'websocket',
      'x;charset=y',
    ),
  ),
  fc.tuple(fc.constantFrom('Host', 'Content-Length', 'Connection', 'If-None-Match'), text(10)),
);
const body = fc.oneof(fc.constant(''), fc.json(), text(200));

const request = fc
  .record({ method, path, headers: fc.array(header, { maxLength: 6 }), body })
  .map(({ method, path, headers, body }) =>
    [
      `${method} ${path} HTTP/1.1`,
      'Host: api.example',
      // Ends each try; the limits on waiting are another test's.
      'Connection: close',
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
      '',
      body,
    ].join('\r\n'),
  );

function expectClearAnswer(answer: string): void {
  const [head = '', json = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 (200|4\d\d) /);
  expect(answer).not.toMatch(/\n {4}at |node_modules/);
  const parsed = JSON.parse(json) as Record<string, unknown>;
  if (!head.startsWith('HTTP/1.1 200')) {
    expect(parsed).toEqual({
      error: expect.stringMatching(/^[a-z_]+$/),
      message: expect.any(String),
    });
  }
}

test('any method, path, headers and body get a 200 or a 4xx in JSON', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (bytes) => {
      const { text } = await sendRaw(port, bytes);
      // 100 Continue comes ahead of the answer.
      expectClearAnswer(text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''));
    }),
    { numRuns: 500 },
  );
  expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

test('bytes without any order get a 4xx in JSON', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (array) => {
      // Empty lines alone are no request yet; a NUL byte cannot become one.
      const { text } = await sendRaw(port, `${Buffer.from(array).toString('latin1')}\0\r\n\r\n`);
      expectClearAnswer(text);
    }),
    { numRuns: 300 },
  );
});

test('whatever a route throws, the client gets a status and a code, and no detail', async () => {
  const answered = async (thrown: unknown) => {
    let status = 0;
    let sent: unknown;
    const response = {
      headersSent: false,
      status: (code: number) => ((status = code), response),
      json: (value: unknown) => (sent = value),
    };
    const handle = errorHandler(log) as (...parameters: unknown[]) => unknown;
    await handle(thrown, { method: 'GET', path: '/' }, response, () => undefined);
    return { status, sent };
  };
  await fc.assert(
    fc.asyncProperty(fc.anything({ withNullPrototype: true, withBigInt: true }), async (thrown) => {
      const { status, sent } = await answered(thrown);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(sent).toEqual({
        error: expect.stringMatching(/^[a-z_]+$/),
        message: expect.any(String),
      });
      if (status >= 500) expect(sent).toMatchObject({ message: 'the service failed to answer' });
    }),
    { numRuns: 500 },
  );
});
