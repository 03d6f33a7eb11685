import { type ClientHttp2Session, connect } from 'node:http2';
import { ask, closeAll, closeLater, type Running, startLoadBalancer, until } from './fixtures';

afterEach(closeAll);

const https = {
  Protocol: 'HTTPS',
  Port: 443,
  Certificates: [{ CertificateArn: 'arn:aws:acm:ap-northeast-2:000000000000:certificate/one' }],
};

const start = (attributes: Record<string, string> = {}) =>
  startLoadBalancer({
    listener: https,
    loadBalancer: {
      LoadBalancerAttributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
    },
  });

function session(alb: Running): ClientHttp2Session {
  const ca = alb.loadBalancers.addresses()[0]!.certificate!;
  const client = connect(`https://127.0.0.1:${alb.port}`, { ca });
  client.on('error', () => undefined);
  closeLater(() => client.destroy());
  return client;
}

interface Http2Answer {
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

function askBy(
  client: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: string,
): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = client.request(headers, { endStream: body === undefined });
    let received: Record<string, unknown> = {};
    let text = '';
    stream.on('response', (fields) => (received = { ...fields }));
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    stream.on('error', reject);
    stream.on('end', () => resolve({ headers: received, body: text }));
    if (body !== undefined) stream.end(body);
  });
}

test('clients of an HTTPS listener may speak HTTP/2, and targets are asked by HTTP/1.1', async () => {
  const alb = await start();
  await alb.addTarget((request, response) => {
    response.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'], Vary: 'Accept', 'Keep-Alive': 'x' });
    response.end(JSON.stringify([request.httpVersion, request.url, request.headers]));
  });
  const { headers, body } = await askBy(session(alb), {
    ':path': '/items?x=1',
    ':authority': 'shop.example',
    cookie: ['one=1', 'two=2'],
  });
  expect(headers).toMatchObject({ ':status': 201, 'set-cookie': ['a=1', 'b=2'], vary: 'Accept' });
  expect(headers).not.toHaveProperty('keep-alive');
  expect(JSON.parse(body)).toEqual([
    '1.1',
    '/items?x=1',
    expect.objectContaining({
      host: 'shop.example',
      cookie: 'one=1; two=2',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
    }),
  ]);
  expect(alb.log).toEqual([expect.objectContaining({ method: 'GET', status: 201 })]);
});

test('many requests of one connection are under way at a time, and each body arrives', async () => {
  const alb = await start();
  const waiting: (() => void)[] = [];
  await alb.addTarget((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => waiting.push(() => response.end(body.toUpperCase())));
  });
  const client = session(alb);
  const answers = ['one', 'two', 'three'].map((body) =>
    askBy(client, { ':method': 'POST', ':path': '/' }, body),
  );
  await until(() => waiting.length === 3);
  for (const answer of waiting) answer();
  expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(['ONE', 'TWO', 'THREE']);
});

test('a connection of HTTP/2 may have 128 requests under way', async () => {
  const alb = await start();
  const client = session(alb);
  let settings: unknown;
  client.on('remoteSettings', (remote) => {
    settings = remote.maxConcurrentStreams;
  });
  await until(() => settings !== undefined);
  expect(settings).toBe(128);
});

test('the load balancer’s own answers go out by HTTP/2 too', async () => {
  const alb = await start();
  const { headers, body } = await askBy(session(alb), { ':path': '/' });
  expect(headers).toMatchObject({ ':status': 503, server: 'awselb/2.0' });
  expect(body).toContain('503 Service Temporarily Unavailable');
});

test('a client that gives a stream up leaves a 460, and its connection open', async () => {
  const alb = await start();
  let asked = 0;
  await alb.addTarget((request, response) => {
    asked += 1;
    if (request.url === '/quick') response.end('quick');
  });
  const client = session(alb);
  const stream = client.request({ ':path': '/slow' });
  stream.on('error', () => undefined);
  await until(() => asked === 1);
  stream.close(8);
  await until(() => alb.log.length === 1);
  expect(alb.log[0]).toMatchObject({ status: 460 });
  expect((await askBy(client, { ':path': '/quick' })).body).toBe('quick');
});

test('an idle connection of HTTP/2 is closed after the idle timeout', async () => {
  const alb = await start();
  await alb.addTarget((_, response) => response.end('ok'));
  const client = session(alb);
  await askBy(client, { ':path': '/' });
  await alb.clock.advance(59_999);
  expect(client.closed).toBe(false);
  await alb.clock.advance(1);
  await until(() => client.closed);
});

test('a connection of HTTP/2 that has grown old takes no more requests after its answer', async () => {
  const alb = await start({
    'client_keep_alive.seconds': '60',
    'idle_timeout.timeout_seconds': '4000',
  });
  await alb.addTarget((_, response) => response.end('ok'));
  const client = session(alb);
  await askBy(client, { ':path': '/' });
  await alb.clock.advance(60_000);
  expect((await askBy(client, { ':path': '/' })).body).toBe('ok');
  await until(() => client.closed);
});

test('without routing.http2.enabled clients are served HTTP/1.1', async () => {
  const alb = await start({ 'routing.http2.enabled': 'false' });
  const client = session(alb);
  let failed = false;
  client.on('error', () => (failed = true));
  await until(() => failed);
});

test('an HTTP listener speaks HTTP/1.1 alone', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((_, response) => response.end('ok'));
  const client = connect(`http://127.0.0.1:${alb.port}`);
  closeLater(() => client.destroy());
  let failed = false;
  client.on('error', () => (failed = true));
  client.request({ ':path': '/' }).on('error', () => undefined);
  await until(() => failed);
  expect((await ask(alb.port)).body).toBe('ok');
});
