import { stickyCookies, targetOfCookie } from '../../src/elbv2/stickiness';
import { ask, closeAll, startLoadBalancer } from './fixtures';

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

const byApplication = sticky([
  { Key: 'stickiness.type', Value: 'app_cookie' },
  { Key: 'stickiness.app_cookie.cookie_name', Value: 'session' },
  { Key: 'stickiness.app_cookie.duration_seconds', Value: '60' },
]);

/** Two targets that set the cookie of the application where they are asked for `/sign-in`. */
async function twoApplications() {
  const alb = await startLoadBalancer(byApplication);
  for (const name of ['one', 'two']) {
    await alb.addTarget((request, response) => {
      if (request.url === '/sign-in') response.setHeader('Set-Cookie', 'session=42; Path=/');
      response.end(name);
    });
  }
  return alb;
}

const cookiesOf = (answer: Awaited<ReturnType<typeof ask>>) =>
  ((answer.headers['set-cookie'] ?? []) as string[]).map((cookie) => cookie.split(';')[0]!);

test('a client stays with its target from when the application sets its cookie', async () => {
  const alb = await twoApplications();
  expect(cookiesOf(await ask(alb.port))).toEqual([]);
  const first = await ask(alb.port, { path: '/sign-in' });
  const cookies = cookiesOf(first);
  expect(cookies).toEqual(['session=42', expect.stringMatching(/^AWSALBAPP-0=[\w-]+$/)]);
  const bound = [];
  for (let n = 0; n < 4; n += 1) {
    const answer = await ask(alb.port, { headers: { Cookie: cookies.join('; ') } });
    bound.push(answer.body);
    expect(cookiesOf(answer)).toEqual([expect.stringMatching(/^AWSALBAPP-0=/)]);
  }
  expect(new Set(bound)).toEqual(new Set([first.body]));
});

test('the cookie of the load balancer binds nobody without that of the application', async () => {
  const alb = await twoApplications();
  const [, own = ''] = cookiesOf(await ask(alb.port, { path: '/sign-in' }));
  const answers = [];
  for (let n = 0; n < 2; n += 1) answers.push(await ask(alb.port, { headers: { Cookie: own } }));
  expect(new Set(answers.map(({ body }) => body)).size).toBe(2);
});

test('a session ends with the duration of stickiness, though its cookie lives for seven days', async () => {
  const alb = await twoApplications();
  const first = await ask(alb.port, { path: '/sign-in' });
  const sevenDays = new Date(alb.clock.now() + 7 * 86_400_000).toUTCString();
  expect(first.headers['set-cookie']?.[1]).toMatch(`; Expires=${sevenDays}; Path=/`);
  await alb.clock.advance(60_000);
  const answer = await ask(alb.port, { headers: { Cookie: cookiesOf(first).join('; ') } });
  expect(cookiesOf(answer)).toEqual([]);
});

test('stickiness by a cookie without a name is refused, as AWS does', async () => {
  const nameless = sticky([{ Key: 'stickiness.type', Value: 'app_cookie' }]);
  await expect(startLoadBalancer(nameless)).rejects.toThrow(
    "AWS wants stickiness.app_cookie.cookie_name with the type 'app_cookie'",
  );
});

test('stickiness of another kind is named as not played', async () => {
  const alb = await startLoadBalancer(sticky([{ Key: 'stickiness.type', Value: 'source_ip' }]));
  expect(alb.events).toContainEqual(
    expect.objectContaining({
      kind: 'unproven',
      message: expect.stringContaining("'stickiness.type', which is not played"),
    }),
  );
});

test('a cookie that is over, damaged or of another target group binds nobody', () => {
  const stickiness = { type: 'lb_cookie', seconds: 10 } as const;
  const request = { groupArn: 'arn', cookieHeader: undefined, secure: true, now: 0 };
  const [, cookie = '', , cors] = stickyCookies(request, stickiness, '10.0.0.1:80', []);
  const value = cookie.split(';')[0]!;
  const target = (cookieHeader: string, now = 0, groupArn = 'arn') =>
    targetOfCookie({ ...request, cookieHeader, now, groupArn }, stickiness);
  expect(target(`a=b; ${value}; c=d`, 9_999)).toBe('10.0.0.1:80');
  expect(target(value, 10_000)).toBeUndefined();
  expect(target(value, 0, 'other')).toBeUndefined();
  expect(target(`${value.slice(0, -4)}AAAA`)).toBeUndefined();
  expect(target('AWSALB=x')).toBeUndefined();
  expect(cors).toMatch(/SameSite=None; Secure$/);
});
