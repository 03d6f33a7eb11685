import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { LoadBalancerReachability } from '../../src/ec2/reachability-questions';
import type { Target } from '../../src/elbv2/target-registrar';
import { DatagramClient } from '../_helpers/datagram-client';
import {
  closeAll,
  closeLater,
  listen,
  type Running,
  startLoadBalancer,
  TARGET_GROUP_ARN,
  until,
} from './fixtures';

afterEach(closeAll);

interface Setting {
  readonly protocol?: 'UDP' | 'TCP_UDP';
  readonly listener?: Record<string, unknown>;
  readonly attributes?: Record<string, string>;
  readonly network?: LoadBalancerReachability;
}

const start = ({ protocol = 'UDP', listener, attributes = {}, network }: Setting = {}) =>
  startLoadBalancer({
    loadBalancer: { Type: 'network' },
    listener: { Protocol: protocol, Port: 53, ...listener },
    targetGroup: {
      Protocol: protocol,
      Port: 53,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      TargetGroupAttributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
    },
    ...(network !== undefined && { network }),
  });

interface Echo {
  readonly name: string;
  readonly target: Target;
  readonly heard: string[];
  /** Ends what health checks connect to; datagrams are taken as before */
  failChecks(): void;
}

/** A target that sends datagrams back with its name, and lets health checks connect. */
async function echo(nlb: Running, name: string): Promise<Echo> {
  const heard: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    heard.push(message.toString());
    socket.send(`${name}:${message.toString()}`, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  closeLater(() => void socket.close());
  const checks = createServer((connection) =>
    connection
      .on('error', () => undefined)
      .resume()
      .end(`${name} by TCP`),
  );
  const target = {
    id: `10.0.0.${name}`,
    port: 53,
    address: { host: '127.0.0.1', port: await listen(checks) },
    udpPort: socket.address().port,
  };
  nlb.loadBalancers.registerTarget(TARGET_GROUP_ARN, target);
  while (nlb.state(target) !== 'healthy') await nlb.clock.advance(10_000);
  return { name, target, heard, failChecks: () => void checks.close() };
}

function client(nlb: Running) {
  const one = new DatagramClient();
  closeLater(() => one.close());
  return {
    answers: one.answers,
    send: (text: string) => one.send(nlb.port, text),
    /** Name of the target that answered */
    ask: async (text = 'a') => (await one.ask(nlb.port, text)).split(':')[0]!,
  };
}

test('the datagrams of a client go to one target, and its answers come back', async () => {
  const nlb = await start();
  const targets = [await echo(nlb, '1'), await echo(nlb, '2')];
  const clients = Array.from({ length: 24 }, () => client(nlb));
  const answered = await Promise.all(clients.map(({ ask }) => ask('hello')));
  expect(new Set(answered)).toEqual(new Set(['1', '2']));
  expect(targets.flatMap(({ heard }) => heard)).toEqual(Array(24).fill('hello'));
  expect(await Promise.all(clients.map(({ ask }) => ask('again')))).toEqual(answered);
  expect(clients[0]!.answers).toEqual([`${answered[0]!}:hello`, `${answered[0]!}:again`]);
});

test('a flow that was idle for 120 seconds is a new one', async () => {
  const nlb = await start({
    attributes: { 'deregistration_delay.connection_termination.enabled': 'false' },
  });
  const first = await echo(nlb, '1');
  const { ask } = client(nlb);
  await ask();
  await echo(nlb, '2');
  expect(await ask()).toBe('1');
  nlb.deregister(first.target);
  await nlb.clock.advance(119_999);
  expect(await ask()).toBe('1');
  await nlb.clock.advance(120_000);
  expect(await ask()).toBe('2');
});

test.each([
  ['2', 'when its deregistration delay is over', {}],
  ['1', 'never, where the group does not terminate them', { terminates: 'false' }],
])(
  'flows of a deregistered target go to %s %s',
  async (name, _, { terminates }: { terminates?: string }) => {
    const nlb = await start({
      attributes: {
        'deregistration_delay.timeout_seconds': '30',
        ...(terminates && { 'deregistration_delay.connection_termination.enabled': terminates }),
      },
    });
    const first = await echo(nlb, '1');
    const open = client(nlb);
    await open.ask();
    await echo(nlb, '2');
    nlb.deregister(first.target);
    expect(await client(nlb).ask()).toBe('2');
    await nlb.clock.advance(29_999);
    expect(await open.ask()).toBe('1');
    await nlb.clock.advance(1);
    expect(nlb.state(first.target)).toBe('unused');
    expect(await open.ask()).toBe(name);
  },
);

test('the next datagram leaves a target that has become unhealthy, unless all have', async () => {
  const nlb = await start();
  const targets = [await echo(nlb, '1'), await echo(nlb, '2')];
  const { ask } = client(nlb);
  const first = targets.find(({ name }) => name === '1')!;
  const had = await ask();
  const [its, other] = had === first.name ? targets : targets.reverse();
  its!.failChecks();
  while (nlb.state(its!.target) === 'healthy') await nlb.clock.advance(10_000);
  expect(await ask()).toBe(other!.name);
  other!.failChecks();
  while (nlb.state(other!.target) === 'healthy') await nlb.clock.advance(10_000);
  expect(await ask()).toBe(other!.name);
});

test('a datagram that no target can take is lost, and the next one finds a target', async () => {
  const nlb = await start();
  const { send, ask } = client(nlb);
  send('lost');
  await until(() => nlb.loadBalancers.connections()[0]!.bytes === 'lost'.length);
  const { heard } = await echo(nlb, '1');
  expect(await ask('found')).toBe('1');
  expect(heard).toEqual(['found']);
});

test('with stickiness by address every client of this machine has the same target', async () => {
  const nlb = await start({
    attributes: { 'stickiness.enabled': 'true', 'stickiness.type': 'source_ip' },
  });
  for (const name of ['1', '2', '3']) await echo(nlb, name);
  const answered = await Promise.all(Array.from({ length: 24 }, () => client(nlb).ask()));
  expect(new Set(answered).size).toBe(1);
});

test('a listener for TCP and UDP has both at one port', async () => {
  const nlb = await start({ protocol: 'TCP_UDP' });
  await echo(nlb, '1');
  expect(await client(nlb).ask()).toBe('1');
  const connection = connect(nlb.port, '127.0.0.1');
  closeLater(() => void connection.destroy());
  const [answer] = (await once(connection, 'data')) as [Buffer];
  expect(answer.toString()).toBe('1 by TCP');
  expect(nlb.loadBalancers.connections()[0]).toMatchObject({ opened: 2 });
});

test('flows and their bytes are counted, both ways', async () => {
  const nlb = await start();
  await echo(nlb, '1');
  await client(nlb).ask('hello');
  const bytes = 'hello'.length + '1:hello'.length;
  expect(nlb.loadBalancers.connections()[0]).toMatchObject({ active: 1, opened: 1, bytes });
  await nlb.clock.advance(120_000);
  expect(nlb.loadBalancers.connections()[0]).toMatchObject({ active: 0, opened: 0, bytes: 0 });
});

test('datagrams that the network of the template stops are lost, which is said', async () => {
  const network = {
    barrierToListener: () => undefined,
    barrierToTarget: (_: string, { protocol }: { protocol: string }) =>
      protocol === 'udp' ? 'no ingress rule for udp 53' : undefined,
  };
  const nlb = await start({ network });
  const { heard } = await echo(nlb, '1');
  const { send } = client(nlb);
  send('lost');
  await until(() => nlb.loadBalancers.connections()[0]!.active === 1);
  expect(heard).toEqual([]);
  expect(nlb.unproven()).toContain(
    "on AWS no datagram would arrive at target group 'TargetGroup1': no ingress rule for udp 53",
  );
});

test.each(['UDP', 'TCP_UDP'] as const)(
  'a %s listener that no client reaches takes nothing',
  async (protocol) => {
    const nlb = await start({
      protocol,
      network: { barrierToListener: () => 'no route', barrierToTarget: () => undefined },
    });
    const { heard } = await echo(nlb, '1');
    const { send } = client(nlb);
    send('lost');
    await until(() => nlb.loadBalancers.connections()[0]!.bytes > 0);
    expect(heard).toEqual([]);
    expect(nlb.loadBalancers.connections()[0]).toMatchObject({ opened: 0 });
    expect(nlb.unproven()).toContain(
      'on AWS no datagram would arrive at the listener at port 53: no route',
    );
  },
);

test('that targets do not see the addresses of clients, as they would on AWS, is said', async () => {
  const nlb = await start({ attributes: { 'proxy_protocol_v2.enabled': 'true' } });
  expect(nlb.unproven()).toEqual([
    expect.stringMatching(
      /sets TargetGroupAttributes 'proxy_protocol_v2.enabled', which is not played/,
    ),
    "targets of 'TargetGroup1' see traffic from addresses of this machine, not from those of its clients, which a Network Load Balancer preserves with UDP",
  ]);
});

test('what AWS refuses of UDP is refused', async () => {
  const forward = (protocol: string, group: string) =>
    startLoadBalancer({
      loadBalancer: { Type: 'network' },
      listener: { Protocol: protocol },
      targetGroup: { Protocol: group },
    });
  await expect(forward('TCP_UDP', 'UDP')).rejects.toThrow(
    "the listener at port 80 has Protocol 'TCP_UDP' and forwards to the target group 'TargetGroup1' of Protocol 'UDP': AWS wants TCP_UDP there.",
  );
  await expect(forward('TCP', 'UDP')).rejects.toThrow(/AWS wants TCP or TCP_UDP there/);
  await expect(forward('UDP', 'TCP')).rejects.toThrow(/AWS wants UDP or TCP_UDP there/);
  await expect(forward('TCP', 'TCP_UDP')).resolves.toBeDefined();
  for (const attributes of [
    { 'target_health_state.unhealthy.connection_termination.enabled': 'true' },
    { 'preserve_client_ip.enabled': 'false' },
  ]) {
    await expect(start({ attributes })).rejects.toThrow(
      /with UDP, AWS lets [\w.]+ not be enabled and preserve_client_ip.enabled not be disabled/,
    );
  }
  const idle = [{ Key: 'tcp.idle_timeout.seconds', Value: '60' }];
  await expect(start({ listener: { ListenerAttributes: idle } })).rejects.toThrow(
    /tcp.idle_timeout.seconds is no attribute of such a listener/,
  );
});
