import { Agent, createServer } from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { selfSignedCertificate } from '../../src/elbv2/self-signed-certificate';
import type { Target } from '../../src/elbv2/target-registrar';
import { TrafficGenerator } from '../../src/traffic/traffic-generator';
import {
  ask,
  closeAll,
  closeLater,
  listen,
  type Running,
  startLoadBalancer,
  until,
} from './fixtures';

afterEach(closeAll);

type Properties = Record<string, unknown>;

const attributes = (given: Record<string, string>) =>
  Object.entries(given).map(([Key, Value]) => ({ Key, Value }));

const start = (setting: { listener?: Properties; targetGroup?: Properties } = {}) =>
  startLoadBalancer({
    loadBalancer: { Type: 'network' },
    listener: { Protocol: 'TCP', Port: 80, ...setting.listener },
    targetGroup: {
      Protocol: 'TCP',
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      ...setting.targetGroup,
    },
  });

async function healthy(nlb: Running, target: Target): Promise<Target> {
  while (nlb.state(target) !== 'healthy') await nlb.clock.advance(10_000);
  return target;
}

/** A target that sends back what it gets, its name before. */
async function echoTarget(nlb: Running, name: string) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => socket.write(`${name}:${data.toString()}`));
  });
  const target = await healthy(nlb, nlb.register(await listen(server)));
  return { target, sockets };
}

function client(port: number) {
  const socket = connect(port, '127.0.0.1');
  const seen = { text: '', end: undefined as string | undefined };
  socket.setEncoding('utf8').on('data', (text: string) => (seen.text += text));
  socket.on('error', (error: NodeJS.ErrnoException) => (seen.end = error.code));
  socket.on('close', () => (seen.end ??= 'closed'));
  closeLater(() => void socket.destroy());
  const say = async (text: string) => {
    const before = seen.text.length;
    socket.write(text);
    await until(() => seen.text.length > before);
    return seen.text.slice(before);
  };
  return { seen, socket, say };
}

test('passes the bytes of a connection to one target, whatever they say', async () => {
  const nlb = await start();
  await echoTarget(nlb, 'one');
  await echoTarget(nlb, 'two');
  const first = client(nlb.port);
  const answers = [await first.say('a'), await first.say('b'), await first.say('\u0000')];
  expect(new Set(answers.map((answer) => answer.split(':')[0])).size).toBe(1);
  const second = client(nlb.port);
  expect((await second.say('a')).split(':')[0]).not.toBe(answers[0]!.split(':')[0]);
});

test('a connection is a health check by default, and as many are needed as the threshold says', async () => {
  const nlb = await start();
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined).resume();
  });
  const target = nlb.register(await listen(server));
  await until(() => connections === 1);
  expect(nlb.state(target)).toBe('initial');
  await nlb.clock.advance(10_000);
  await until(() => nlb.state(target) === 'healthy');
  const gone = nlb.register(1);
  await nlb.clock.advance(10_000);
  await until(() => nlb.state(gone) === 'unhealthy');
});

test('a health check by HTTP takes every code up to 399 unless the group says otherwise', async () => {
  const nlb = await start({ targetGroup: { HealthCheckProtocol: 'HTTP' } });
  const answering = (status: number) =>
    listen(createServer((_, response) => response.writeHead(status).end()));
  const moved = nlb.register(await answering(302));
  const missing = nlb.register(await answering(404));
  await healthy(nlb, moved);
  await until(() => nlb.state(missing) === 'unhealthy');
});

test('a connection that no target can take is reset', async () => {
  const nlb = await start();
  const { seen } = client(nlb.port);
  await until(() => seen.end !== undefined);
  expect(seen.end).toBe('ECONNRESET');
});

test('a deregistered target gets no new connection and keeps those that it has', async () => {
  const nlb = await start({
    targetGroup: {
      TargetGroupAttributes: attributes({ 'deregistration_delay.timeout_seconds': '30' }),
    },
  });
  const one = await echoTarget(nlb, 'one');
  const open = client(nlb.port);
  expect(await open.say('a')).toBe('one:a');
  await echoTarget(nlb, 'two');
  nlb.deregister(one.target);
  expect(nlb.state(one.target)).toBe('draining');
  expect(await client(nlb.port).say('a')).toBe('two:a');
  await nlb.clock.advance(30_000);
  expect(nlb.state(one.target)).toBe('unused');
  expect(await open.say('b')).toBe('one:b');
});

test('connection termination resets them when the deregistration delay is over', async () => {
  const nlb = await start({
    targetGroup: {
      TargetGroupAttributes: attributes({
        'deregistration_delay.timeout_seconds': '30',
        'deregistration_delay.connection_termination.enabled': 'true',
      }),
    },
  });
  const { target } = await echoTarget(nlb, 'one');
  const open = client(nlb.port);
  await open.say('a');
  nlb.deregister(target);
  await nlb.clock.advance(29_999);
  expect(open.seen.end).toBeUndefined();
  await nlb.clock.advance(1);
  await until(() => open.seen.end !== undefined);
  expect(open.seen.end).toBe('ECONNRESET');
});

test.each([
  ['reset', 'true', '0'],
  ['kept', 'false', '0'],
  ['kept for a while', 'false', '60'],
])('connections to a target that becomes unhealthy are %s', async (what, Value, seconds) => {
  const nlb = await start({
    targetGroup: {
      HealthCheckProtocol: 'HTTP',
      HealthCheckPort: '9000',
      TargetGroupAttributes: attributes({
        'target_health_state.unhealthy.connection_termination.enabled': Value,
        'target_health_state.unhealthy.draining_interval_seconds': seconds,
      }),
    },
  });
  const status = [200, 200];
  for (const index of [0, 1]) {
    const traffic = await listen(
      createTcpServer((socket) =>
        socket.on('error', () => undefined).on('data', () => socket.write(`${index}`)),
      ),
    );
    const check = await listen(
      createServer((_, response) => response.writeHead(status[index]!).end()),
    );
    nlb.loadBalancers.registerTarget(nlb.loadBalancers.addresses()[0]!.targetGroupArns[0]!, {
      id: `10.0.0.${index + 1}`,
      port: 80,
      address: { host: '127.0.0.1', port: traffic },
      otherPorts: new Map([[9000, check]]),
    });
  }
  const state = (index: number) =>
    nlb.loadBalancers.targetHealth(nlb.loadBalancers.addresses()[0]!.targetGroupArns[0]!, {
      id: `10.0.0.${index + 1}`,
      port: 80,
    }).state;
  while (state(0) !== 'healthy' || state(1) !== 'healthy') await nlb.clock.advance(10_000);
  const open = client(nlb.port);
  const index = Number(await open.say('a'));
  status[index] = 500;
  while (state(index) === 'healthy') await nlb.clock.advance(10_000);
  if (what === 'kept for a while') {
    expect(state(index)).toBe('unhealthy.draining');
    expect(await open.say('b')).toBe(String(index));
    await nlb.clock.advance(60_000);
  }
  expect(state(index)).toBe('unhealthy');
  if (what !== 'kept') {
    await until(() => open.seen.end !== undefined);
    expect(open.seen.end).toBe('ECONNRESET');
  } else expect(await open.say('b')).toBe(String(index));
});

test('a connection is forgotten after the listener’s idle timeout', async () => {
  const nlb = await start({
    listener: { ListenerAttributes: attributes({ 'tcp.idle_timeout.seconds': '60' }) },
  });
  await echoTarget(nlb, 'one');
  const open = client(nlb.port);
  await open.say('a');
  await nlb.clock.advance(40_000);
  await open.say('b');
  await nlb.clock.advance(40_000);
  expect(open.seen.end).toBeUndefined();
  await nlb.clock.advance(20_000);
  await until(() => open.seen.end !== undefined);
  expect(open.seen.end).toBe('ECONNRESET');
});

test('what a client has sent arrives though it has closed its half', async () => {
  const nlb = await start();
  let heard = '';
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => (heard += data.toString()));
    socket.on('end', () => socket.end(`heard ${heard}`));
  });
  await healthy(nlb, nlb.register(await listen(server)));
  const { seen, socket } = client(nlb.port);
  socket.end('all of it');
  await until(() => seen.end !== undefined);
  expect(seen).toEqual({ text: 'heard all of it', end: 'closed' });
});

test('with stickiness by address a client comes back to its target', async () => {
  const nlb = await start({
    targetGroup: {
      TargetGroupAttributes: attributes({
        'stickiness.enabled': 'true',
        'stickiness.type': 'source_ip',
      }),
    },
  });
  const targets = [await echoTarget(nlb, 'one'), await echoTarget(nlb, 'two')];
  const asked = [];
  for (let n = 0; n < 4; n += 1) asked.push((await client(nlb.port).say('a')).split(':')[0]);
  expect(new Set(asked).size).toBe(1);
  nlb.deregister(targets[asked[0] === 'one' ? 0 : 1]!.target);
  expect((await client(nlb.port).say('a')).split(':')[0]).not.toBe(asked[0]);
});

test('with proxy protocol a header tells targets of the client, and checks of none', async () => {
  const nlb = await start({
    targetGroup: { TargetGroupAttributes: attributes({ 'proxy_protocol_v2.enabled': 'true' }) },
  });
  const received: Buffer[] = [];
  const server = createTcpServer((socket) => {
    const index = received.push(Buffer.alloc(0)) - 1;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      received[index] = Buffer.concat([received[index]!, data]);
      if (data.includes('hello')) socket.write('ok');
    });
  });
  await healthy(nlb, nlb.register(await listen(server)));
  const { say, socket } = client(nlb.port);
  await say('hello');
  const signature = '0d0a0d0a000d0a515549540a';
  expect(received[0]!.toString('hex')).toBe(`${signature}20000000`);
  const header = received.at(-1)!;
  expect(header.subarray(0, 16).toString('hex')).toBe(`${signature}2111000c`);
  expect([...header.subarray(16, 24)]).toEqual([127, 0, 0, 1, 127, 0, 0, 1]);
  expect([header.readUInt16BE(24), header.readUInt16BE(26)]).toEqual([socket.localPort, 80]);
  expect(header.subarray(28).toString()).toBe('hello');
});

const tls = { Protocol: 'TLS', Port: 443, Certificates: [{ CertificateArn: 'arn' }] };

test('a TLS listener ends TLS, and speaks it to targets where the group asks for it', async () => {
  for (const protocol of ['TCP', 'TLS']) {
    const nlb = await start({ listener: tls, targetGroup: { Protocol: protocol } });
    const { key, certificate } = selfSignedCertificate(['x'], Date.UTC(2001, 0, 1));
    const answer = (socket: Socket) => socket.on('error', () => undefined).end(`by ${protocol}`);
    const server =
      protocol === 'TLS'
        ? createTlsServer({ key, cert: certificate }, answer)
        : createTcpServer(answer);
    await healthy(nlb, nlb.register(await listen(server)));
    const ca = nlb.loadBalancers.addresses()[0]!.certificate!;
    const socket = connectTls({ host: '127.0.0.1', port: nlb.port, ca });
    let text = '';
    let closed = false;
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.on('close', () => (closed = true));
    await until(() => closed);
    expect(text).toBe(`by ${protocol}`);
  }
});

test('the rehearsal knows which target answered its traffic, though the load balancer does not', async () => {
  const nlb = await start();
  const http = createServer((_, response) => response.end('ok'));
  await healthy(nlb, nlb.register(await listen(http)));
  const traffic = new TrafficGenerator({
    address: nlb.loadBalancers.addresses()[0]!,
    clock: nlb.clock,
    requestsPerSecond: 10,
    mix: { 'new-connection': 1, 'keep-alive': 1, slow: 0 },
    taskDefinitionOf: (target) => `task of ${target}`,
  });
  traffic.start();
  await nlb.clock.advance(1_000);
  await until(() => traffic.summary().succeeded >= 10);
  for (const record of nlb.log) traffic.recordAccess(record);
  await traffic.stop();
  expect(nlb.log[0]).toMatchObject({ method: 'GET', path: '/', status: 200 });
  expect(traffic.summary()).toMatchObject({
    failed: 0,
    byTaskDefinition: { 'task of 10.0.0.1:3000': nlb.log.length },
  });
  const agent = new Agent({ keepAlive: true });
  closeLater(() => agent.destroy());
  const before = nlb.log.length;
  await ask(nlb.port, { agent });
  expect(nlb.log).toHaveLength(before);
});

test('protocols that do not fit the load balancer are refused, as AWS does', async () => {
  await expect(start({ listener: { Protocol: 'HTTP' } })).rejects.toThrow(
    /has Protocol 'HTTP', but the load balancer '\w+' is of Type 'network': AWS wants TCP, TLS, UDP or TCP_UDP there/,
  );
  await expect(start({ targetGroup: { Protocol: 'HTTP' } })).rejects.toThrow(
    /AWS wants TCP, TLS, UDP or TCP_UDP there/,
  );
  await expect(startLoadBalancer({ listener: { Protocol: 'TCP' } })).rejects.toThrow(
    /AWS wants HTTP or HTTPS/,
  );
  const fixed = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } };
  await expect(start({ listener: { DefaultActions: [fixed] } })).rejects.toThrow(
    /a listener of a Network Load Balancer can only forward/,
  );
});

test('QUIC and Gateway Load Balancers are refused by name', async () => {
  await expect(start({ listener: { Protocol: 'QUIC' } })).rejects.toThrow(
    /only HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP listeners can be rehearsed, got "QUIC"/,
  );
  await expect(startLoadBalancer({ loadBalancer: { Type: 'gateway' } })).rejects.toThrow(
    /has Type 'gateway'; only 'application' and 'network' can be rehearsed/,
  );
});
