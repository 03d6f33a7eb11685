import { ask, closeAll, startLoadBalancer, until } from './fixtures';

afterEach(closeAll);

const slowStart = {
  targetGroup: { TargetGroupAttributes: [{ Key: 'slow_start.duration_seconds', Value: '30' }] },
};

async function shareOf(body: string, port: number, requests = 60): Promise<number> {
  let count = 0;
  for (let n = 0; n < requests; n += 1) if ((await ask(port)).body === body) count += 1;
  return count / requests;
}

test('a target that joins healthy ones gets a share that grows linearly to its full one', async () => {
  const alb = await startLoadBalancer(slowStart);
  await alb.addTarget((_, response) => response.end('old'));
  await alb.addTarget((_, response) => response.end('new'));
  expect(await shareOf('new', alb.port)).toBe(0);
  await alb.clock.advance(15_000);
  const half = await shareOf('new', alb.port);
  expect(half).toBeGreaterThan(0.25);
  expect(half).toBeLessThan(0.4);
  await alb.clock.advance(15_000);
  expect(await shareOf('new', alb.port)).toBe(0.5);
});

test('the first targets of an empty group take their full share at once', async () => {
  const alb = await startLoadBalancer(slowStart);
  await alb.addTarget((_, response) => response.end('one'));
  expect(await shareOf('one', alb.port, 5)).toBe(1);
});

test('a target in slow start gets everything when it is the only healthy one', async () => {
  const alb = await startLoadBalancer(slowStart);
  const old = await alb.addTarget((_, response) => response.end('old'));
  await alb.addTarget((_, response) => response.end('new'));
  alb.deregister(old);
  await until(() => alb.state(old) === 'draining');
  expect(await shareOf('new', alb.port, 5)).toBe(1);
});
