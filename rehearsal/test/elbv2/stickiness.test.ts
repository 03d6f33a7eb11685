import { stickyCookies, targetOfCookie } from '../../src/elbv2/stickiness';
import { ask, closeAll, startLoadBalancer, until } from './fixtures';

afterEach(closeAll);

const sticky = (extra: { Key: string; Value: string }[] = []) => ({
  targetGroup: { TargetGroupAttributes: [{ Key: 'stickiness.enabled', Value: 'true' }, ...extra] },
});

async function twoTargets(setting: Parameters<typeof startLoadBalancer>[0]) {
  const alb = await startLoadBalancer(setting);
  const targets = [
    await alb.addTarget((_, response) => response.end('one')),
    await alb.addTarget((_, response) => response.end('two')),
  ];
  return { ...alb, targets };
}

const cookieOf = (answer: Awaited<ReturnType<typeof ask>>) =>
  (answer.headers['set-cookie'] as string[])[0]!.split(';')[0]!;

test('a client that brings its cookie back stays with its target; others take turns', async () => {
  const alb = await twoTargets(sticky());
  const first = await ask(alb.port);
  const Cookie = cookieOf(first);
  const bound = [];
  for (let n = 0; n < 4; n += 1) bound.push((await ask(alb.port, { headers: { Cookie } })).body);
  expect(new Set(bound)).toEqual(new Set([first.body]));
  const free = [(await ask(alb.port)).body, (await ask(alb.port)).body];
  expect(free.toSorted()).toEqual(['one', 'two']);
});

test('every answer renews two cookies: one for the site, one for requests from other origins', async () => {
  const alb = await twoTargets(
    sticky([{ Key: 'stickiness.lb_cookie.duration_seconds', Value: '60' }]),
  );
  const cookies = (await ask(alb.port)).headers['set-cookie'];
  const expires = new Date(alb.clock.now() + 60_000).toUTCString();
  expect(cookies).toEqual([
    expect.stringMatching(new RegExp(`^AWSALB=[\\w-]+; Expires=${expires}; Path=/$`)),
    expect.stringMatching(
      new RegExp(`^AWSALBCORS=[\\w-]+; Expires=${expires}; Path=/; SameSite=None$`),
    ),
  ]);
});

test('a sticky client moves to another target when its own is deregistered', async () => {
  const alb = await twoTargets(sticky());
  const first = await ask(alb.port);
  const own = alb.targets[first.body === 'one' ? 0 : 1]!;
  alb.deregister(own);
  const next = await ask(alb.port, { headers: { Cookie: cookieOf(first) } });
  expect(next.body).not.toBe(first.body);
  expect((await ask(alb.port, { headers: { Cookie: cookieOf(next) } })).body).toBe(next.body);
});

test('without stickiness no cookie is set', async () => {
  const alb = await twoTargets({});
  expect((await ask(alb.port)).headers).not.toHaveProperty('set-cookie');
});

test('stickiness by the cookie of the application is named as not played', async () => {
  const alb = await startLoadBalancer(sticky([{ Key: 'stickiness.type', Value: 'app_cookie' }]));
  await until(() => alb.events.length > 0);
  expect(alb.events).toContainEqual(
    expect.objectContaining({
      kind: 'unproven',
      message: expect.stringContaining("'stickiness.type', which is not played"),
    }),
  );
});

test('a cookie that is over, damaged or of another target group binds nobody', () => {
  const group = { arn: 'arn', seconds: 10 };
  const [, cookie = ''] = stickyCookies('10.0.0.1:80', group, true, 0);
  const value = cookie.split(';')[0]!;
  expect(targetOfCookie(`a=b; ${value}; c=d`, 'arn', 9_999)).toBe('10.0.0.1:80');
  expect(targetOfCookie(value, 'arn', 10_000)).toBeUndefined();
  expect(targetOfCookie(value, 'other', 0)).toBeUndefined();
  expect(targetOfCookie(`${value.slice(0, -4)}AAAA`, 'arn', 0)).toBeUndefined();
  expect(targetOfCookie('AWSALB=x', 'arn', 0)).toBeUndefined();
  expect(stickyCookies('t', group, true, 0).at(-1)).toMatch(/SameSite=None; Secure$/);
});
