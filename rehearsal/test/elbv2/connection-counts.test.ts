import { Agent } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import {
  ask,
  closeAll,
  closeLater,
  listen,
  LOAD_BALANCER_ARN,
  resource,
  startLoadBalancer,
  until,
} from './fixtures';

afterEach(closeAll);

test('connections with clients and targets are counted, and the bytes of clients', async () => {
  const alb = await startLoadBalancer();
  await alb.addTarget((_, response) => response.end('ok'));
  const agent = new Agent({ keepAlive: true });
  closeLater(() => agent.destroy());
  await ask(alb.port, { agent });
  await ask(alb.port, { agent });
  const [counts] = alb.loadBalancers.connections();
  expect(counts).toEqual({
    loadBalancerArn: LOAD_BALANCER_ARN,
    active: 2,
    opened: 2,
    bytes: expect.any(Number),
  });
  expect(counts!.bytes).toBeGreaterThan(100);
  const [next] = alb.loadBalancers.connections();
  expect(next).toMatchObject({ active: 2, opened: 0, bytes: 0 });
  await ask(alb.port);
  await until(() => alb.loadBalancers.connections()[0]!.active === 2);
});

test('the flows of a Network Load Balancer are counted', async () => {
  const nlb = await startLoadBalancer({
    loadBalancer: { Type: 'network' },
    listener: { Protocol: 'TCP' },
    targetGroup: { Protocol: 'TCP' },
  });
  nlb.register(
    await listen(createTcpServer((socket) => socket.on('error', () => undefined).end('hello'))),
  );
  const before = nlb.loadBalancers.connections()[0]!;
  expect(before).toMatchObject({ active: 0, opened: 0, bytes: 0 });
  await expect(ask(nlb.port)).rejects.toThrow();
  expect(nlb.loadBalancers.connections()[0]).toMatchObject({ opened: 1 });
});

test('clients are led to the nodes in turn, and each request is told with the zone of its node', async () => {
  const subnet = (id: string, AvailabilityZone: string): DeployedResource => ({
    ...resource('Subnet', id, { VpcId: 'vpc', AvailabilityZone }),
    type: 'AWS::EC2::Subnet',
  });
  const alb = await startLoadBalancer({
    loadBalancer: { Subnets: ['one', 'two'] },
    more: [subnet('one', 'ap-northeast-2a'), subnet('two', 'ap-northeast-2b')],
  });
  await alb.addTarget((_, response) => response.end('ok'));
  await ask(alb.port);
  await ask(alb.port);
  await until(() => alb.log.length === 2);
  expect(alb.log.map(({ availabilityZone }) => availabilityZone)).toEqual([
    'ap-northeast-2a',
    'ap-northeast-2b',
  ]);
});
