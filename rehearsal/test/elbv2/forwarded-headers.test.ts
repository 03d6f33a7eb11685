import {
  forwardedForCount,
  requestHeaders,
  responseHeaders,
} from '../../src/elbv2/forwarded-headers';
import { redirectLocation } from '../../src/elbv2/own-response';
import { newTraceId, traceHeader } from '../../src/elbv2/trace-id';

const settings = {
  forwardedForMode: 'append',
  forwardedForClientPort: false,
  preserveHostHeader: false,
  dropInvalidHeaderFields: false,
} as const;

const context = {
  method: 'GET',
  clientAddress: '127.0.0.1',
  clientPort: 40_000,
  listenerPort: 80,
  listenerProtocol: 'HTTP' as const,
  traceHeader: 'Root=1-67891233-abcdef012345678912345678',
  upgrade: undefined,
};

const sent = (
  rawHeaders: string[],
  changes: { settings?: object; context?: object } = {},
): Record<string, string> => {
  const flat = requestHeaders(
    rawHeaders,
    { ...context, ...changes.context },
    { ...settings, ...changes.settings },
  );
  return Object.fromEntries(
    flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]!]] : [])),
  );
};

test("drops what belongs to the client's connection, and what its Connection header names", () => {
  const headers = sent([
    ...['Host', 'a', 'Connection', 'X-Private, keep-alive', 'X-Private', '1'],
    ...['Keep-Alive', 'timeout=5', 'TE', 'trailers', 'Upgrade', 'h2c', 'X-Public', '2'],
  ]);
  expect(Object.keys(headers)).toEqual([
    'Host',
    'X-Public',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Port',
    'X-Amzn-Trace-Id',
  ]);
});

test('plays the three ways with X-Forwarded-For', () => {
  const received = ['X-Forwarded-For', '9.9.9.9'];
  const mode = (forwardedForMode: string, raw = received) =>
    sent(raw, { settings: { forwardedForMode } })['X-Forwarded-For'];
  expect(mode('append')).toBe('9.9.9.9, 127.0.0.1');
  expect(mode('append', [])).toBe('127.0.0.1');
  expect(mode('preserve')).toBe('9.9.9.9');
  expect(mode('preserve', [])).toBeUndefined();
  expect(mode('remove')).toBeUndefined();
  expect(sent([], { settings: { forwardedForClientPort: true } })['X-Forwarded-For']).toBe(
    '127.0.0.1:40000',
  );
});

test('adds the port of an unusual listener to the Host header unless that is to be preserved', () => {
  const host = (raw: string, listenerPort: number, preserveHostHeader = false) =>
    sent(['Host', raw], { settings: { preserveHostHeader }, context: { listenerPort } })['Host'];
  expect(host('a.com', 80)).toBe('a.com');
  expect(host('a.com', 8080)).toBe('a.com:8080');
  expect(host('a.com:9', 8080)).toBe('a.com:9');
  expect(host('a.com', 8080, true)).toBe('a.com');
});

test('drops invalid header names only when asked to', () => {
  const raw = ['x_under', '1', 'x-dash', '2'];
  expect(sent(raw)).toMatchObject({ x_under: '1', 'x-dash': '2' });
  expect(sent(raw, { settings: { dropInvalidHeaderFields: true } })).not.toHaveProperty('x_under');
});

test('a POST without a body stays one', () => {
  expect(sent([], { context: { method: 'POST' } })['Content-Length']).toBe('0');
  expect(
    sent(['Transfer-Encoding', 'chunked'], { context: { method: 'POST' } }),
  ).not.toHaveProperty('Content-Length');
  expect(sent([])).not.toHaveProperty('Content-Length');
});

test('an answer loses the framing of the connection to the target', () => {
  expect(
    responseHeaders(['Connection', 'close', 'Transfer-Encoding', 'chunked', 'ETag', '"1"']),
  ).toEqual(['ETag', '"1"']);
});

test('counts the addresses of X-Forwarded-For', () => {
  expect([undefined, '1.1.1.1', '1.1.1.1, 2.2.2.2'].map(forwardedForCount)).toEqual([0, 1, 2]);
});

test('makes, keeps and renews trace ids as AWS documents them', () => {
  const id = newTraceId(0x6789_1233 * 1000, 'abcdef012345678912345678');
  expect(id).toBe('1-67891233-abcdef012345678912345678');
  const self = '1-67891234-000000000000000000000000';
  expect(traceHeader(undefined, id)).toEqual({ header: `Root=${id}`, root: id });
  expect(traceHeader(`Root=${id};CalledFrom=app`, self)).toEqual({
    header: `Self=${self};Root=${id};CalledFrom=app`,
    root: id,
  });
  expect(traceHeader(`Self=1-old;Root=${id}`, self).header).toBe(`Self=${self};Root=${id}`);
  expect(traceHeader('CalledFrom=app', id).header).toBe(`Root=${id};CalledFrom=app`);
});

test('fills the placeholders of a redirect', () => {
  const action = {
    type: 'redirect',
    statusCode: 301,
    protocol: '#{protocol}',
    host: 'www.#{host}',
    port: '#{port}',
    path: '/new/#{path}',
    query: '#{query}&from=old',
  } as const;
  const request = { protocol: 'HTTP', host: 'a.com:80', port: 80, url: '/x/y?q=1' } as const;
  expect(redirectLocation(action, request)).toBe('http://www.a.com:80/new/x/y?q=1&from=old');
});
