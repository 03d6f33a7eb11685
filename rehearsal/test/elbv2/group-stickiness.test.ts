import { createServer } from 'node:http';
import {
  ask,
  closeAll,
  listen,
  resource,
  startLoadBalancer,
  TARGET_GROUP_ARN,
  targetGroupProperties,
} from './fixtures';

afterEach(closeAll);

const GREEN = 'green';
const sticky = [{ Key: 'stickiness.enabled', Value: 'true' }];

const forward = (blue: number, green: number, stickiness?: object) => ({
  DefaultActions: [
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: TARGET_GROUP_ARN, Weight: blue },
          { TargetGroupArn: GREEN, Weight: green },
        ],
        ...(stickiness !== undefined && { TargetGroupStickinessConfig: stickiness }),
      },
    },
  ],
});

const forAMinute = { Enabled: 'true', DurationSeconds: '60' };

/** One target in each of two groups, which answer `blue` and `green`. */
async function blueAndGreen(
  listener: Record<string, unknown>,
  targetGroup: Record<string, unknown> = {},
) {
  const alb = await startLoadBalancer({
    listener,
    targetGroup,
    more: [resource('TargetGroup', GREEN, targetGroupProperties(targetGroup))],
  });
  await alb.addTarget((_, response) => response.end('blue'));
  const server = createServer((_, response) => response.end('green'));
  const address = { host: '127.0.0.1', port: await listen(server) };
  const target = { id: '10.0.1.1', port: 3000, address };
  alb.loadBalancers.registerTarget(GREEN, target);
  return { ...alb, removeGreen: () => alb.loadBalancers.deregisterTarget(GREEN, target) };
}

type Answer = Awaited<ReturnType<typeof ask>>;
const setCookies = ({ headers }: Answer) => (headers['set-cookie'] ?? []) as string[];
const cookies = (answer: Answer) => setCookies(answer).map((cookie) => cookie.split(';')[0]!);
const withCookies = (answer: Answer, start = '') => ({
  headers: {
    Cookie: cookies(answer)
      .filter((one) => one.startsWith(start))
      .join('; '),
  },
});

async function clientOf(color: string, alb: { readonly port: number }): Promise<Answer> {
  for (;;) {
    const answer = await ask(alb.port);
    if (answer.body === color) return answer;
  }
}

test('a client that brings its cookie back stays with its target group, whatever its weight', async () => {
  const alb = await blueAndGreen(forward(9, 1, forAMinute));
  const first = await clientOf('green', alb);
  for (const cookie of ['AWSALBTG=', 'AWSALBTGCORS=']) {
    const bound = [];
    for (let n = 0; n < 10; n += 1) {
      bound.push((await ask(alb.port, withCookies(first, cookie))).body);
    }
    expect(new Set(bound)).toEqual(new Set(['green']));
  }
});

test('every answer renews two cookies for as long as the action says', async () => {
  const alb = await blueAndGreen(forward(1, 1, forAMinute));
  const first = await ask(alb.port);
  await alb.clock.advance(30_000);
  const expires = new Date(alb.clock.now() + 60_000).toUTCString();
  expect(setCookies(await ask(alb.port, withCookies(first)))).toEqual([
    expect.stringMatching(new RegExp(`^AWSALBTG=[\\w-]+; Expires=${expires}; Path=/$`)),
    expect.stringMatching(
      new RegExp(`^AWSALBTGCORS=[\\w-]+; Expires=${expires}; Path=/; SameSite=None$`),
    ),
  ]);
});

test('a client whose cookie is over is spread by weight again', async () => {
  const alb = await blueAndGreen(forward(1, 1, forAMinute));
  const first = await ask(alb.port);
  await alb.clock.advance(60_000);
  const bodies = [];
  for (let n = 0; n < 2; n += 1) bodies.push((await ask(alb.port, withCookies(first))).body);
  expect(bodies.toSorted()).toEqual(['blue', 'green']);
});

test('a client stays with its target group though that has no target left: 503', async () => {
  const alb = await blueAndGreen(forward(1, 1, forAMinute));
  const first = await clientOf('green', alb);
  alb.removeGreen();
  expect((await ask(alb.port, withCookies(first))).status).toBe(503);
  expect(alb.log.at(-1)?.error).toContain('has no registered target');
});

test('without stickiness of the action no cookie is set', async () => {
  const alb = await blueAndGreen(forward(1, 1, { Enabled: false }));
  expect(setCookies(await ask(alb.port))).toEqual([]);
});

test('stickiness of action and target group go together', async () => {
  const alb = await blueAndGreen(forward(1, 1, forAMinute), { TargetGroupAttributes: sticky });
  expect(cookies(await ask(alb.port)).map((cookie) => cookie.split('=')[0])).toEqual([
    'AWSALBTG',
    'AWSALBTGCORS',
    'AWSALB',
    'AWSALBCORS',
  ]);
});

test('by the cookie of an application nobody stays with a target among several groups', async () => {
  const byApplication = [
    ...sticky,
    { Key: 'stickiness.type', Value: 'app_cookie' },
    { Key: 'stickiness.app_cookie.cookie_name', Value: 'session' },
  ];
  const alb = await blueAndGreen(forward(1, 0, forAMinute), {
    TargetGroupAttributes: byApplication,
  });
  await alb.addTarget((_, response) => response.setHeader('Set-Cookie', 'session=1').end('second'));
  const second = await clientOf('second', alb);
  expect(cookies(second).map((cookie) => cookie.split('=')[0])).toEqual([
    'session',
    'AWSALBTG',
    'AWSALBTGCORS',
  ]);
});

test('sticky target groups behind an action that is not sticky are refused, as AWS does', async () => {
  await expect(
    blueAndGreen(forward(1, 1), { TargetGroupAttributes: sticky }),
  ).rejects.toMatchObject({
    code: 'GroupStickinessMissing',
    message: expect.stringContaining('which AWS refuses'),
  });
});

test('stickiness without a duration is refused, as AWS does', async () => {
  await expect(blueAndGreen(forward(1, 1, { Enabled: true }))).rejects.toThrow(
    'AWS wants from 1 to 604800 seconds where stickiness is enabled',
  );
});
