import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { IdleClients } from '../../src/traffic/idle-clients';
import { readPage } from '../../src/traffic/listener-client';
import { StreamClients } from '../../src/traffic/stream-clients';
import { TrafficGenerator } from '../../src/traffic/traffic-generator';
import { ManualClock } from '../_helpers/manual-clock';
import {
  ask,
  closeAll,
  LISTENER_ARN,
  LOAD_BALANCER_ARN,
  resource,
  startLoadBalancer,
  until,
} from './fixtures';

afterEach(closeAll);

const https = {
  Protocol: 'HTTPS',
  Port: 443,
  SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
  Certificates: [{ CertificateArn: 'arn:aws:acm:ap-northeast-2:000000000000:certificate/one' }],
};

interface TlsAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

function askTls(port: number, ca: string, path = '/'): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const asked = httpsRequest({ host: '127.0.0.1', port, path, ca, agent: false });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.end();
  });
}

async function startHttps(listener: Record<string, unknown> = {}) {
  const alb = await startLoadBalancer({ listener: { ...https, ...listener } });
  return { ...alb, certificate: alb.loadBalancers.addresses()[0]!.certificate! };
}

test('an HTTPS listener serves clients that trust its certificate, and tells targets of it', async () => {
  const alb = await startHttps();
  await alb.addTarget((request, response) => response.end(JSON.stringify(request.headers)));
  const answer = await askTls(alb.port, alb.certificate);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
  });
});

test('traffic reaches an HTTPS listener on new and on kept-alive connections', async () => {
  const alb = await startHttps();
  await alb.addTarget((_, response) => response.end('ok'));
  const address = alb.loadBalancers.addresses()[0]!;
  const clock = new ManualClock();
  const traffic = new TrafficGenerator({
    address,
    clock,
    requestsPerSecond: 10,
    mix: { 'new-connection': 1, 'keep-alive': 1, slow: 0 },
    taskDefinitionOf: () => undefined,
  });
  traffic.start();
  await clock.advance(1_000);
  await until(() => traffic.summary().succeeded >= 10);
  await traffic.stop();
  expect(traffic.summary()).toMatchObject({ failed: 0 });
  expect(await readPage(address)).toBe('ok');
});

test('clients that stay connected reach an HTTPS listener too', async () => {
  const alb = await startHttps();
  await alb.addTarget((request, response) => {
    if (request.url === '/') return response.end('ok');
    response.setHeader('x-rehearsal-stream', '1');
    return response.end('a line\nend\n');
  });
  const address = alb.loadBalancers.addresses()[0]!;
  const { clock } = alb;
  const idle = new IdleClients({ address, clock, clients: 5, idleMs: 10_000 });
  await idle.start();
  await idle.stop();
  expect(idle.summary()).toEqual({ clients: 5, sent: 10, failed: 0, reconnected: 0 });
  const streams = new StreamClients({ address, clock, streamSeconds: 1, webSockets: 1 });
  await streams.start();
  await until(() => streams.summary().streams.whole > 0);
  await streams.stop();
  expect(streams.summary().streams).toEqual({ begun: 1, whole: 1 });
});

test('a client that does not trust the certificate gets no connection', async () => {
  const alb = await startHttps();
  const other = await startHttps();
  await expect(askTls(alb.port, other.certificate)).rejects.toThrow(/certificate/);
});

test('what a certificate of this machine leaves unproven is named', async () => {
  const alb = await startHttps();
  expect(alb.events).toContainEqual(
    expect.objectContaining({
      kind: 'unproven',
      message: expect.stringMatching(
        /a certificate made for this run, with Node's TLS settings in place of its SslPolicy/,
      ),
    }),
  );
});

test('an HTTP listener redirects to the HTTPS one of the same load balancer', async () => {
  const redirect = {
    Type: 'redirect',
    RedirectConfig: { StatusCode: 'HTTP_301', Protocol: 'HTTPS', Port: '443' },
  };
  const alb = await startLoadBalancer({
    listener: { DefaultActions: [redirect] },
    more: [
      resource('Listener', `${LISTENER_ARN}-tls`, {
        ...https,
        LoadBalancerArn: LOAD_BALANCER_ARN,
        DefaultActions: [
          {
            Type: 'fixed-response',
            FixedResponseConfig: { StatusCode: '200', MessageBody: 'safe' },
          },
        ],
      }),
    ],
  });
  expect((await ask(alb.port, { headers: { Host: 'a.com' } })).headers['location']).toBe(
    'https://a.com:443/',
  );
  const tls = alb.loadBalancers.addressOf(`${LISTENER_ARN}-tls`)[0]!;
  expect(await askTls(tls.port, tls.certificate!)).toMatchObject({ status: 200, body: 'safe' });
});

test('an HTTPS listener without a certificate is refused, as AWS does', async () => {
  await expect(startHttps({ Certificates: [] })).rejects.toThrow(
    /Certificates: AWS wants one certificate for an HTTPS or TLS listener/,
  );
});

test('an idle TLS connection is closed for the idle timeout, and a half-open one at the end', async () => {
  const alb = await startHttps();
  const idle = connectTls({ host: '127.0.0.1', port: alb.port, ca: alb.certificate });
  let secured = false;
  let idleClosed = false;
  idle.resume();
  idle.on('secureConnect', () => (secured = true));
  idle.on('close', () => (idleClosed = true));
  await until(() => secured);
  await alb.clock.advance(60_000);
  await until(() => idleClosed);
  const silent = connectTcp(alb.port, '127.0.0.1');
  let silentClosed = false;
  silent.resume();
  silent.on('error', () => undefined);
  silent.on('close', () => (silentClosed = true));
  await new Promise<void>((resolve) => silent.once('connect', resolve));
  await alb.loadBalancers.close();
  await until(() => silentClosed);
});
