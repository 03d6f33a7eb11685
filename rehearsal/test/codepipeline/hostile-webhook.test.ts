import { request as httpRequest } from 'node:http';
import type { Pipeline } from '../../src/codepipeline/pipeline';
import type { WebhookDefinition } from '../../src/codepipeline/webhook-definition';
import { WebhookEndpoint } from '../../src/codepipeline/webhook-endpoint';
import { signPayload } from '../../src/github/webhook-signature';

const secret = 'hook-secret';
const webhook: WebhookDefinition = {
  name: 'the-webhook',
  secret,
  allowedIpRange: undefined,
  filters: [{ jsonPath: '$.ref', matchEquals: 'refs/heads/{Branch}' }],
  targetPipeline: 'api',
  targetAction: 'Source',
};
let started: number;
const pipeline = {
  definition: {
    name: 'api',
    stages: [{ actions: [{ name: 'Source', configuration: { Branch: 'main' } }] }],
  },
  start: () => {
    started += 1;
    return { finished: Promise.resolve() };
  },
} as unknown as Pipeline;

let endpoint: WebhookEndpoint;
let url: string;
beforeEach(async () => {
  started = 0;
  endpoint = await WebhookEndpoint.start([webhook], [pipeline], () => undefined);
  url = endpoint.urlOf(webhook);
});
afterEach(() => endpoint.close());

async function deliver(body: string, signature = signPayload(body, secret)): Promise<number> {
  const headers = { 'x-github-event': 'push', 'x-hub-signature-256': signature };
  const response = await fetch(url, { method: 'POST', body, headers });
  await response.text();
  return response.status;
}

const genuine = JSON.stringify({ ref: 'refs/heads/main' });

test('a body without end is cut off at GitHub’s limit, and the next delivery is taken', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let sent = 0;
  await new Promise<void>((resolve) => {
    const request = httpRequest(url, { method: 'POST' }, (response) => {
      response.resume();
      resolve();
    });
    request.on('error', () => resolve());
    const write = () => {
      sent += chunk.length;
      if (sent > 100 * 1024 * 1024) request.destroy();
      else request.write(chunk, write);
    };
    write();
  });

  // What the sockets hold goes on being accepted.
  expect(sent).toBeLessThan(60 * 1024 * 1024);
  expect(started).toBe(0);
  expect(await deliver(genuine)).toBe(200);
  expect(started).toBe(1);
});

test.each([
  ['nothing', ''],
  ['only the name of the algorithm', 'sha256='],
  ['one digit less', signPayload(genuine, secret).slice(0, -1)],
  ['one digit more', `${signPayload(genuine, secret)}0`],
  ['capital letters', signPayload(genuine, secret).toUpperCase()],
  ['no hexadecimal digits', `sha256=${'ü'.repeat(32)}`],
  ['the signature of another body', signPayload('{}', secret)],
  ['another secret', signPayload(genuine, 'hook-secreT')],
  ['two signatures', `${signPayload(genuine, secret)}, ${signPayload(genuine, secret)}`],
])('a signature of %s starts nothing', async (_, signature) => {
  // Header values are bytes.
  expect(await deliver(genuine, Buffer.from(signature).toString('latin1'))).toBe(403);
  expect(started).toBe(0);
});

test.each([
  ['lists in lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ['a ref that is an object', '{"ref": {"toString": "refs/heads/main"}}'],
  ['a ref that every object inherits', '{"__proto__": {"ref": "refs/heads/main"}}'],
  ['the constructor’s prototype', '{"constructor": {"prototype": {"ref": "refs/heads/main"}}}'],
  ['an empty key', '{"": "refs/heads/main"}'],
  ['a branch that only looks the same', '{"ref": "refs/heads/main\\u0000"}'],
])('a signed payload with %s starts nothing and changes nothing', async (_, body) => {
  expect([200, 400]).toContain(await deliver(body));
  expect(started).toBe(0);
  expect(({} as Record<string, unknown>)['ref']).toBeUndefined();
});
