import { execFileSync } from 'node:child_process';
import { type MalformedRequest, malformedRequests } from './_helpers/malformed-requests';
import { type RawAnswer, sendRaw } from './_helpers/raw-client';
import { buildBundle, cleanUp, startService } from './_helpers/service-process';

/** Requests that no honest client sends, over raw sockets against the bundle that the image runs. */

jest.setTimeout(60_000);

let service: Awaited<ReturnType<typeof startService>>;
const answers = new Map<string, RawAnswer>();

const send = (requests: readonly MalformedRequest[]) =>
  Promise.all(
    requests.map(async ({ name, bytes }) => {
      answers.set(name, await sendRaw(service.port, bytes));
    }),
  );

beforeAll(async () => {
  service = await startService(buildBundle(), {
    HEADERS_TIMEOUT_MS: '200',
    REQUEST_TIMEOUT_MS: '200',
  });
  await send(malformedRequests);
}, 120_000);
afterAll(cleanUp);

test('there are more than a hundred of them, each different', () => {
  expect(malformedRequests.length).toBeGreaterThanOrEqual(100);
  expect(new Set(malformedRequests.map(({ bytes }) => bytes)).size).toBe(malformedRequests.length);
  expect(answers.size).toBe(malformedRequests.length);
});

const isStrict = Number.parseInt(process.versions['llhttp'] ?? '', 10) >= 9;
if (!isStrict) console.warn(`Node.js ${process.version} reads some of them leniently: skipped`);

describe.each([
  ['by every parser', malformedRequests.filter((one) => !one.sinceStrictParser), test],
  [
    'by llhttp 9',
    malformedRequests.filter((one) => one.sinceStrictParser),
    isStrict ? test : test.skip,
  ],
] as const)('refused %s', (_parser, requests, run) => {
  run.each(requests)('$name is refused', ({ name, refusedWith }) => {
    const { statuses, text } = answers.get(name)!;
    if (refusedWith.length === 0) {
      expect(text).toBe('');
      return;
    }
    // One answer: what was smuggled along behind the request has not become another one.
    expect(statuses).toHaveLength(1);
    expect(refusedWith).toContain(statuses[0]);
    expect(text).toContain('X-Content-Type-Options: nosniff\r\n');
    const body: unknown = JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
    expect(body).toEqual({
      error: expect.stringMatching(/^[a-z_]+$/),
      message: expect.stringMatching(/./),
    });
    expect(text).not.toMatch(/\n {4}at |node_modules|\.ts:\d|\.js:\d/);
  });
});

const PLAIN = 'Host: api\r\nConnection: close\r\n';
test.each([
  ['an absolute target', `GET http://api.example/health HTTP/1.1\r\n${PLAIN}\r\n`],
  ['an empty line ahead', `\r\nGET /health HTTP/1.1\r\n${PLAIN}\r\n`],
  ['two spaces before the version', `GET /health  HTTP/1.1\r\n${PLAIN}\r\n`],
  ['version 1.0, without a Host', 'GET /health HTTP/1.0\r\n\r\n'],
  ['an address of version 6', `GET /health HTTP/1.0\r\nHost: [::1]:3000\r\n\r\n`],
])('%s is unusual but harmless, and answered', async (_name, request) => {
  const { statuses, text } = await sendRaw(service.port, request);
  expect(statuses).toEqual([200]);
  expect(text).toContain('{"status":"ok"');
});

test('afterwards the same process serves, and has logged no failure of its own', async () => {
  const { text } = await sendRaw(service.port, 'GET /health HTTP/1.1\r\nHost: api\r\n\r\n');
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(service.child.exitCode).toBeNull();
  const lines = service.logLines();
  expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(lines).toContainEqual(expect.objectContaining({ message: 'refused', status: 431 }));
});

test('memory does not grow with each round of them', async () => {
  const residentMiB = () =>
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(service.child.pid)])) / 1024;
  // Without those that wait for their time to be up.
  const quick = malformedRequests.filter(({ refusedWith }) => !refusedWith.includes(408));
  await send(quick);
  const before = residentMiB();
  for (let round = 0; round < 4; round += 1) await send(quick);
  expect(residentMiB() - before).toBeLessThan(64);
});

test('no connection is left: on SIGTERM it stops with 0, long before its deadline', async () => {
  const { code, stderr } = await service.stop();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
