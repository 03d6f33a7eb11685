import { readListenerRule } from '../../src/elbv2/listener-rule-definition';
import { transformedRequest } from '../../src/elbv2/rule-transform';
import { ask, closeAll, listenerRule, resource, startLoadBalancer } from './fixtures';

afterEach(closeAll);

const url = (Regex: string, Replace: string) => ({
  Type: 'url-rewrite',
  UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] },
});
const host = (Regex: string, Replace: string) => ({
  Type: 'host-header-rewrite',
  HostHeaderRewriteConfig: { Rewrites: [{ Regex, Replace }] },
});

const ruleWith = (...Transforms: object[]) =>
  resource('ListenerRule', 'rule', listenerRule({ Transforms }));
const transforms = (...list: object[]) => readListenerRule(ruleWith(...list)).transforms;

/** A load balancer whose target tells what it was asked for. */
async function echoBehind(...list: object[]) {
  const alb = await startLoadBalancer({ more: [ruleWith(...list)] });
  await alb.addTarget((request, response) =>
    response.end(`${request.headers.host ?? ''} ${request.url ?? ''}`),
  );
  return alb;
}

test('a target gets the host and the URL that the transforms of a rule make', async () => {
  const alb = await echoBehind(
    host('^mywebsite-(.+).com$', 'internal.dev.$1.myweb.com'),
    url('^/api/v(\\d)/([^?]*)(.*)$', '/$2$3&version=$1'),
  );
  const headers = { Host: 'mywebsite-example.com' };
  const answer = await ask(alb.port, { path: '/api/v2/users?name=x', headers });
  expect(answer.body).toBe('internal.dev.example.myweb.com /users?name=x&version=2');
  expect(alb.log[0]).toMatchObject({ path: '/api/v2/users?name=x', status: 200 });
});

test('where no pattern matches, a target gets the request as it came', async () => {
  const alb = await echoBehind(host('^other$', 'x'), url('^/other', '/x'));
  const answer = await ask(alb.port, { path: '/a?b=c', headers: { Host: 'a.com' } });
  expect(answer.body).toBe('a.com /a?b=c');
});

test('a transform does not change which rule a request takes', async () => {
  const next = listenerRule({
    Priority: 2,
    Conditions: [{ Field: 'path-pattern', Values: ['/b'] }],
  });
  const alb = await startLoadBalancer({
    more: [ruleWith(url('^/a$', '/b')), resource('ListenerRule', 'next', next)],
  });
  await alb.addTarget((request, response) => response.end(request.url));
  expect((await ask(alb.port, { path: '/a' })).body).toBe('/b');
});

test('a transform that matches and fails is answered with 500, and the log says why', async () => {
  const alb = await echoBehind(url('^/out/(.*)$', 'https://elsewhere/$1'));
  expect((await ask(alb.port, { path: '/out/a' })).status).toBe(500);
  expect(alb.log[0]?.error).toBe(
    "the url-rewrite of a listener rule fails: it makes 'https://elsewhere/a' of '/out/a'",
  );
});

test.each([
  ['the first match alone is replaced', url('a', 'b'), '/aa', '/ba'],
  ['what is around a match stays', url('/v1/', '/v2/'), '/x/v1/y?z', '/x/v2/y?z'],
  ['a group that took no part is empty', url('^/(a)?(b)$', '/$1-$2'), '/b', '/-b'],
  ['other dollar signs stand for themselves', url('^/a$', "/$&$$'"), '/a', "/$&$$'"],
])('%s', (_, transform, before, after) => {
  const request = { host: 'a.com', url: before };
  expect(transformedRequest(request, transforms(transform))).toEqual({ host: 'a.com', url: after });
});

test('a replacement that names a group which is not there fails', () => {
  const request = { host: 'a.com', url: '/a' };
  expect(() => transformedRequest(request, transforms(url('^/(a)', '/$2')))).toThrow(
    '$2 is no group of its pattern',
  );
  expect(() => transformedRequest(request, transforms(host('^a.*', '')))).toThrow(
    "it makes '' of 'a.com'",
  );
});

test.each([
  ['two of one type', [url('a', 'b'), url('c', 'd')], 'AWS takes one transform of each type'],
  ['an unknown type', [{ Type: 'body-rewrite' }], 'expected host-header-rewrite or url-rewrite'],
  ['a pattern with a look-around', [url('a(?!b)', 'c')], "a look-around ('(?!')"],
  ['a pattern that is too long', [url('a'.repeat(1025), 'b')], '<=1024'],
  ['no rewrite', [{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [] } }], 'only one rewrite'],
])('%s: refused', (_, list, message) => {
  expect(() => transforms(...list)).toThrow(message);
});
