import fc from 'fast-check';
import { readListenerRule } from '../../src/elbv2/listener-rule-definition';
import { type RoutedRequest, ruleFor } from '../../src/elbv2/listener-rules';
import { ask, closeAll, fixedRule, listenerRule, resource, startLoadBalancer } from './fixtures';

afterEach(closeAll);

const rule = (conditions: unknown[], priority = 1, statusCode = 200) =>
  readListenerRule(fixedRule(conditions, { priority, statusCode }));

const request = (extra: Partial<RoutedRequest> = {}): RoutedRequest => ({
  method: 'GET',
  host: 'www.example.com',
  url: '/',
  headers: [],
  clientAddress: '192.0.2.7',
  ...extra,
});

const holds = (condition: object, of: Partial<RoutedRequest>) =>
  ruleFor(request(of), [rule([condition])]) !== undefined;

const host = (...Values: string[]) => ({ Field: 'host-header', HostHeaderConfig: { Values } });
const path = (...Values: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values } });
const header = (HttpHeaderName: string, ...Values: string[]) => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
});
const query = (...Values: { Key?: string; Value: string | number }[]) => ({
  Field: 'query-string',
  QueryStringConfig: { Values },
});
const method = (...Values: string[]) => ({
  Field: 'http-request-method',
  HttpRequestMethodConfig: { Values },
});
const source = (...Values: string[]) => ({ Field: 'source-ip', SourceIpConfig: { Values } });

test('the rule of lowest priority whose conditions all hold decides', () => {
  const rules = [
    rule([path('/api/*')], 20, 220),
    rule([path('/api/v?/*', '/v1.0'), host('*.Example.com')], 10, 210),
  ];
  const status = (name: string, url: string) => {
    const action = ruleFor(request({ host: name, url }), rules)?.action;
    return action?.type === 'fixed-response' && action.statusCode;
  };
  expect(status('www.example.com:8080', '/api/v1/users')).toBe(210);
  expect(status('example.org', '/api/v1/users')).toBe(220);
  expect(status('www.example.com', '/api/v10/users')).toBe(220);
  expect(status('www.example.com', '/v1x0')).toBe(false);
  expect(status('www.example.com', '/')).toBe(false);
});

test.each([
  [host('*.Example.com'), { host: 'WWW.example.com:8080' }, true],
  [host('*.example.com'), { host: 'example.com' }, false],
  [path('/img/*'), { url: '/img/a/b.png?x=1' }, true],
  [path('/img/*'), { url: '/IMG/a.png' }, false],
  [path('/a&amp;b'), { url: '/a&b' }, true],
  [path('/*x'), { url: '/?x' }, false],
  [{ Field: 'path-pattern', Values: ['/old/?'] }, { url: '/old/1' }, true],
  [method('PUT', 'PURGE'), { method: 'PURGE' }, true],
  [method('PUT'), { method: 'put' }, false],
  [header('user-agent', '*chrome*'), { headers: ['User-Agent', 'Mozilla Chrome/1'] }, true],
  [header('X-A', 'two'), { headers: ['x-a', 'one', 'X-a', 'TWO'] }, true],
  [header('X-A', 'two'), { headers: ['x-b', 'two', 'two', 'x'] }, false],
  [query({ Key: 'version', Value: 'V1' }), { url: '/?a=b&Version=v1' }, true],
  [query({ Key: 'version', Value: 'v1' }), { url: '/?version=v10' }, false],
  [query({ Key: 'version', Value: 'v1' }), { url: '/version=v1' }, false],
  [query({ Value: '*example*' }), { url: '/?q=an+example' }, true],
  [query({ Key: 'v?', Value: '*' }), { url: '/?v1' }, true],
  [query({ Value: 'what\\?\\*' }), { url: '/?q=what?*' }, true],
  [query({ Value: 'what\\?' }), { url: '/?q=whats' }, false],
  [query({ Value: 'b' }), { url: '/?a=c#b=b&a=b' }, false],
  [query({ Key: 'n', Value: 1 }), { url: '/?n=1' }, true],
  [source('192.0.2.0/24'), {}, true],
  [source('198.51.100.10/32', '2001:db8::/32'), {}, false],
  [source('2001:db8::/32'), { clientAddress: '2001:db8::1' }, true],
])('%j and a request with %j: %p', (condition, of, expected) => {
  expect(holds(condition, of)).toBe(expected);
});

test('regular expressions tell cases apart, and one on the host sees the port', () => {
  const pattern = (Field: string, name: string, RegexValues: string[], more = {}) => ({
    Field,
    [name]: { RegexValues, ...more },
  });
  const hosts = pattern('host-header', 'HostHeaderConfig', ['^a\\.com:8443$', '^b[.]com']);
  expect(holds(hosts, { host: 'a.com:8443' })).toBe(true);
  expect(holds(hosts, { host: 'a.com' })).toBe(false);
  expect(holds(hosts, { host: 'B.com' })).toBe(false);
  const paths = pattern('path-pattern', 'PathPatternConfig', ['^/users/\\d+$']);
  expect(holds(paths, { url: '/users/42?name=x' })).toBe(true);
  expect(holds(paths, { url: '/users/me' })).toBe(false);
  const headers = pattern('http-header', 'HttpHeaderConfig', ['(iPhone|iPad)'], {
    HttpHeaderName: 'User-Agent',
  });
  expect(holds(headers, { headers: ['user-agent', 'an iPad'] })).toBe(true);
  expect(holds(headers, { headers: ['user-agent', 'an ipad'] })).toBe(false);
});

test.each([
  ['a(?=b)', "a look-around ('(?=')"],
  ['(?<!a)b', "a look-around ('(?<!')"],
  ['(a)\\1', "a backreference ('\\1')"],
  ['(?>a)', "an atomic group ('(?>')"],
  ['a++', "a possessive quantifier ('++')"],
  ['(?R)', "a subroutine, a recursion or a group with flags ('(?R')"],
  ['(?i)a', "a subroutine, a recursion or a group with flags ('(?i')"],
  ['\\p{L}', "a class of Unicode characters ('\\p')"],
  ['[[:alpha:]]', "a POSIX class ('[[:')"],
  ['\\Aa', "an escape of another dialect ('\\A')"],
  ['(', 'is no regular expression'],
  ['a'.repeat(129), '<=128'],
])('the regular expression %s is refused: %s', (regex, why) => {
  const condition = { Field: 'host-header', HostHeaderConfig: { RegexValues: [regex] } };
  expect(() => rule([condition])).toThrow(why);
});

test('what only looks like a refused part of a regular expression is taken', () => {
  const regex = '^\\(?=x[(?=+*]+\\++(?:a|b)(?<rest>.*)\\\\1$';
  const condition = { Field: 'path-pattern', PathPatternConfig: { RegexValues: [regex] } };
  expect(holds(condition, { url: '(=x(+aREST\\1' })).toBe(true);
});

test.each([
  ['several conditions of one kind', [path('/a'), path('/b')], 'one condition of each of'],
  [
    'more than five values',
    [path('/a', '/b', '/c'), header('X', 'd', 'e', 'f')],
    '5 values in all conditions',
  ],
  ['more than six wildcards', [path('/*/*/*/*'), host('*.?.?.com')], '6 wildcards in all'],
  ['a value that is too long', [path(`/${'a'.repeat(128)}`)], '<=128'],
  ['a host without a dot', [host('localhost')], 'expected a host name'],
  ['a path with other characters', [path('/ä')], 'expected a path'],
  ['a method in small letters', [method('get')], 'expected a method of capital letters'],
  ['a condition on the Host header', [header('host', 'a')], 'AWS wants a host-header condition'],
  ['no block of addresses', [source('192.0.2.7')], 'expected a block of addresses'],
  ['no value', [host()], 'AWS wants values or regular expressions'],
  [
    'values and regular expressions',
    [{ Field: 'path-pattern', Values: ['/a'], RegexValues: ['b'] }],
    'AWS wants values or regular expressions',
  ],
  ['another field', [{ Field: 'cookie' }], 'expected host-header, path-pattern'],
])('%s: refused, as AWS does', (_, conditions, message) => {
  expect(() => rule(conditions)).toThrow(message);
});

test('several conditions on headers and queries are allowed, and all must hold', () => {
  const both = rule([header('X-A', '1'), header('X-B', '2'), query({ Value: '3' })]);
  const matched = (headers: string[], url: string) =>
    ruleFor(request({ headers, url }), [both]) !== undefined;
  expect(matched(['x-a', '1', 'x-b', '2'], '/?z=3')).toBe(true);
  expect(matched(['x-a', '1'], '/?z=3')).toBe(false);
});

test('a value without wildcards and escapes matches itself in a query, whatever its case', () => {
  const value = fc.stringMatching(/^[-A-Za-z0-9._~%+=]{1,20}$/);
  fc.assert(
    fc.property(value, value, (wanted, other) => {
      const condition = query({ Key: 'k', Value: wanted });
      expect(holds(condition, { url: `/?K=${wanted.toUpperCase()}` })).toBe(true);
      expect(holds(condition, { url: `/?k=${other}` })).toBe(
        other.toLowerCase() === wanted.toLowerCase(),
      );
    }),
  );
});

test('requests take the way of the rule that their headers, query and address ask for', async () => {
  const rules = [
    fixedRule([header('X-Canary', 'yes')], { priority: 1, statusCode: 201 }),
    fixedRule([query({ Key: 'version', Value: '2' })], { priority: 2, statusCode: 202 }),
    fixedRule([source('127.0.0.0/8'), path('/internal/*')], { priority: 3, statusCode: 203 }),
  ];
  const alb = await startLoadBalancer({ more: rules });
  await alb.addTarget((_, response) => response.end());
  const status = async (options: object) => (await ask(alb.port, options)).status;
  expect(await status({ headers: { 'x-canary': 'YES' } })).toBe(201);
  expect(await status({ path: '/?version=2' })).toBe(202);
  expect(await status({ path: '/internal/x' })).toBe(203);
  expect(await status({})).toBe(200);
  expect(alb.events).toContainEqual(
    expect.objectContaining({
      kind: 'unproven',
      message: expect.stringContaining('looks at the source address'),
    }),
  );
});

test('a regular expression that takes too long ends with 500, and the log says why', async () => {
  const Conditions = [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/(a+)+$'] } }];
  const alb = await startLoadBalancer({
    more: [resource('ListenerRule', 'rule', listenerRule({ Conditions }))],
  });
  const evil = `/${'a'.repeat(60)}!`;
  expect((await ask(alb.port, { path: evil })).status).toBe(500);
  expect(alb.log[0]).toMatchObject({ status: 500, path: evil });
  expect(alb.log[0]?.error).toContain("'^/(a+)+$', takes longer than 1000 ms");
  expect((await ask(alb.port, { path: '/a' })).status).toBe(500);
});
