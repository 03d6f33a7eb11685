import { createServer } from 'node:http';
import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import {
  ask,
  closeAll,
  listen,
  resource,
  startLoadBalancer,
  TARGET_GROUP_ARN,
  until,
} from './fixtures';

afterEach(closeAll);

const subnet = (id: string, AvailabilityZone?: string): DeployedResource => ({
  ...resource('Subnet', id, { VpcId: 'vpc', ...(AvailabilityZone && { AvailabilityZone }) }),
  type: 'AWS::EC2::Subnet',
});

const SUBNETS = [
  subnet('subnet-a', 'ap-northeast-2a'),
  subnet('subnet-b', 'ap-northeast-2b'),
  subnet('tasks-b', 'ap-northeast-2b'),
  subnet('tasks-c', 'ap-northeast-2c'),
  subnet('somewhere'),
];

const start = (subnets: readonly string[] = ['subnet-a', 'subnet-b']) =>
  startLoadBalancer({ loadBalancer: { Subnets: subnets }, more: SUBNETS });

async function register(alb: Awaited<ReturnType<typeof start>>, subnetId: string) {
  let checks = 0;
  const port = await listen(
    createServer((request, response) => {
      if (request.url === '/health') checks += 1;
      response.end(subnetId);
    }),
  );
  const target = { id: '10.0.0.9', port: 3000, address: { host: '127.0.0.1', port }, subnetId };
  alb.loadBalancers.registerTarget(TARGET_GROUP_ARN, target);
  return { target, checks: () => checks };
}

test('a target in a zone that the load balancer has no subnet in is neither checked nor used', async () => {
  const alb = await start();
  const { target, checks } = await register(alb, 'tasks-c');
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, target)).toEqual({
    state: 'unused',
    reason: 'Target.NotInUse',
    description: 'Target is in an Availability Zone that is not enabled for the load balancer',
  });
  await alb.clock.advance(30_000);
  expect(checks()).toBe(0);
  expect((await ask(alb.port)).status).toBe(503);
  alb.deregister(target);
  expect(alb.loadBalancers.targetHealth(TARGET_GROUP_ARN, target).reason).toBe(
    'Target.NotRegistered',
  );
});

test('a target in another subnet of an enabled zone is used', async () => {
  const alb = await start();
  const { target } = await register(alb, 'tasks-b');
  await until(() => alb.state(target) === 'healthy');
  expect((await ask(alb.port)).body).toBe('tasks-b');
});

test('where no template tells a zone, nothing is held against a target', async () => {
  const alb = await start();
  const { target } = await register(alb, 'somewhere');
  await until(() => alb.state(target) === 'healthy');
  const other = await start(['subnet-a', 'somewhere']);
  const inC = await register(other, 'tasks-c');
  await until(() => other.state(inC.target) === 'healthy');
});

test('each node of the load balancer, one for a subnet, checks for itself', async () => {
  const alb = await start();
  const { target, checks } = await register(alb, 'tasks-b');
  await until(() => alb.state(target) === 'healthy');
  expect(checks()).toBe(2);
  await alb.clock.advance(10_000);
  await until(() => checks() === 4);
});
