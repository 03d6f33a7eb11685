import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { modifiedHeaders } from '../../src/elbv2/listener-headers';
import { ask, closeAll, fixedRule, startLoadBalancer } from './fixtures';

afterEach(closeAll);

const attributes = (values: Record<string, string>) =>
  Object.entries(values).map(([Key, Value]) => ({ Key, Value }));
const listenerWith = (values: Record<string, string>) => ({
  ListenerAttributes: attributes(values),
});
const https = {
  Protocol: 'HTTPS',
  Port: 443,
  Certificates: [{ CertificateArn: 'arn:aws:acm:ap-northeast-2:000000000000:certificate/one' }],
};
const tellsOfTls = {
  LoadBalancerAttributes: attributes({
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'true',
  }),
};

const secure = listenerWith({
  'routing.http.response.strict_transport_security.header_value': 'max-age=31536000',
  'routing.http.response.x_frame_options.header_value': 'DENY',
  'routing.http.response.access_control_allow_origin.header_value': '',
  'routing.http.response.server.enabled': 'false',
});

test('every answer has the headers that a listener adds, in place of those of the target', async () => {
  const alb = await startLoadBalancer({ listener: secure });
  await alb.addTarget((_, response) => {
    response.setHeader('X-Frame-Options', 'SAMEORIGIN');
    response.setHeader('Access-Control-Allow-Origin', 'https://a.com');
    response.setHeader('Server', 'mine/1.0');
    response.end();
  });
  const { headers } = await ask(alb.port);
  expect(headers).toMatchObject({
    'strict-transport-security': 'max-age=31536000',
    'x-frame-options': 'DENY',
    'access-control-allow-origin': 'https://a.com',
  });
  expect(headers).not.toHaveProperty('server');
});

test('answers that the load balancer makes itself have them too', async () => {
  const rule = fixedRule([{ Field: 'path-pattern', Values: ['/fixed'] }], {
    priority: 1,
    statusCode: 200,
  });
  const alb = await startLoadBalancer({ listener: secure, more: [rule] });
  for (const [path, status] of [
    ['/fixed', 200],
    ['/without-targets', 503],
  ] as const) {
    const answer = await ask(alb.port, { path });
    expect(answer).toMatchObject({ status, headers: { 'x-frame-options': 'DENY' } });
    expect(answer.headers).not.toHaveProperty('server');
  }
  const malformed = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(alb.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('end', () => resolve(text));
  });
  expect(malformed).toMatch(/^HTTP\/1.1 400 Bad Request\r\nContent-Type: text\/html\r\n/);
  expect(malformed).toContain('\r\nX-Frame-Options: DENY\r\n\r\n<html>');
});

test('without attributes answers stay as they are', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((_, response) => response.setHeader('Server', 'mine/1.0').end());
  expect((await ask(alb.port)).headers).toMatchObject({ server: 'mine/1.0' });
});

test('a header is replaced whatever its case, and all of a name by one', () => {
  const headers = ['x-frame-options', 'A', 'X-Other', 'x-frame-options', 'X-FRAME-OPTIONS', 'B'];
  const settings = { tlsVersionName: '', tlsCipherSuiteName: '', keepsServer: true };
  expect(modifiedHeaders(headers, { ...settings, added: [['X-Frame-Options', 'DENY']] })).toEqual([
    ...['X-Other', 'x-frame-options'],
    ...['X-Frame-Options', 'DENY'],
  ]);
});

/** What a target is told when its client comes by HTTPS, on HTTP/1.1 or HTTP/2. */
async function toldBy(
  client: 'http/1.1' | 'h2',
  listener: Record<string, unknown> = {},
  loadBalancer: Record<string, unknown> = tellsOfTls,
): Promise<Record<string, string>> {
  const alb = await startLoadBalancer({ loadBalancer, listener: { ...https, ...listener } });
  await alb.addTarget((request, response) => response.end(JSON.stringify(request.headers)));
  const { certificate: ca = '' } = alb.loadBalancers.addresses()[0]!;
  const forged = { 'x-amzn-tls-version': 'forged' };
  const text = await new Promise<string>((resolve, reject) => {
    let body = '';
    if (client === 'h2') {
      const session = connectHttp2(`https://localhost:${alb.port}`, { ca });
      const stream = session.on('error', reject).request({ ':path': '/', ...forged });
      stream.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      stream.on('end', () => session.close(() => resolve(body)));
      return;
    }
    httpsRequest({ host: '127.0.0.1', port: alb.port, ca, agent: false, headers: forged })
      .on('error', reject)
      .on('response', (response) => {
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(body));
      })
      .end();
  });
  return JSON.parse(text) as Record<string, string>;
}

test.each(['http/1.1', 'h2'] as const)(
  'targets are told version and cipher suite of TLS, whatever the client says (%s)',
  async (client) => {
    expect(await toldBy(client)).toMatchObject({
      'x-amzn-tls-version': 'TLSv1.3',
      'x-amzn-tls-cipher-suite': expect.stringMatching(/^TLS_[A-Z0-9_]+$/),
    });
  },
);

test('a listener gives the headers about TLS other names', async () => {
  const renamed = listenerWith({
    'routing.http.request.x_amzn_tls_version.header_name': 'X-Tls',
    'routing.http.request.x_amzn_tls_cipher_suite.header_name': 'X-Cipher',
    'routing.http.request.x_amzn_mtls_clientcert_leaf.header_name': 'X-Leaf',
  });
  const told = await toldBy('http/1.1', renamed);
  expect(told).toMatchObject({ 'x-tls': 'TLSv1.3', 'x-cipher': expect.stringMatching(/^TLS_/) });
  expect(told).not.toHaveProperty('x-amzn-tls-cipher-suite');
});

test('without the attribute, and without TLS, targets are told nothing of it', async () => {
  expect(await toldBy('http/1.1', {}, {})).toMatchObject({ 'x-amzn-tls-version': 'forged' });
  const alb = await startLoadBalancer({ loadBalancer: tellsOfTls });
  await alb.addTarget((request, response) => response.end(JSON.stringify(request.headers)));
  expect((await ask(alb.port)).body).not.toContain('x-amzn-tls');
});

test.each([
  ['an unknown attribute', 'routing.http.response.x_other.header_value', 'a', 'is no attribute'],
  ['one of another kind of listener', 'tcp.idle_timeout.seconds', '60', 'is no attribute'],
  [
    'a name that no header can have',
    'routing.http.request.x_amzn_tls_version.header_name',
    'a b',
    'expected the name of a header',
  ],
  [
    'a value that would end the header',
    'routing.http.response.x_frame_options.header_value',
    'DENY\r\n',
    'expected visible ASCII characters',
  ],
])('%s: refused', async (_, key, value, message) => {
  await expect(startLoadBalancer({ listener: listenerWith({ [key]: value }) })).rejects.toThrow(
    message,
  );
});
