/** One request that no honest client sends, as the bytes of a raw socket. */
export interface MalformedRequest {
  readonly name: string;
  /** One character per byte */
  readonly bytes: string;
  /** Statuses that are a clear refusal; empty when the connection may only be closed. */
  readonly refusedWith: readonly number[];
  /** Node.js 20 took it until its parser became llhttp 9; the image and the build have Node.js 22. */
  readonly sinceStrictParser: boolean;
}

const SINCE_STRICT_PARSER: ReadonlySet<string> = new Set([
  'a bare LF behind the request line',
  'bad UTF-8 in the path',
  'overlong UTF-8 in the path',
  'a header without a name',
  'a space before the colon',
  'a folded header',
  'a header folded by a tab',
  'a bare LF that ends the headers',
  'a chunk extension of 20 000 bytes',
  'a trailer that is no header',
]);

const HOST = 'Host: api.example\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: api.example\r\n\r\n';

const line = (requestLine: string, headers = HOST): string => `${requestLine}\r\n${headers}\r\n`;
const get = (headers: string): string => `GET / HTTP/1.1\r\n${HOST}${headers}\r\n`;
const post = (headers: string, body: string): string =>
  `POST / HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
const chunked = (chunks: string, headers = ''): string =>
  post(`${JSON_TYPE}${CHUNKED}${headers}`, chunks);
const json = (body: string, headers = ''): string =>
  post(`${JSON_TYPE}Content-Length: ${body.length}\r\n${headers}`, body);

type Row = readonly [name: string, bytes: string, ...refusedWith: number[]];

const requestLines: readonly Row[] = [
  ['an empty method', line(' / HTTP/1.1'), 400],
  ['a method that does not exist', line('FETCH / HTTP/1.1'), 400],
  ['a method in lower case', line('get / HTTP/1.1'), 400],
  ['a method with a NUL byte', line('G\0ET / HTTP/1.1'), 400],
  ['a method with a bracket', line('GE[T / HTTP/1.1'), 400],
  ['a method with high bytes', line('G\xc3\x89T / HTTP/1.1'), 400],
  ['a method of 10 000 letters', line(`${'A'.repeat(10_000)} / HTTP/1.1`), 400],
  ['a tab behind the method', line('GET\t/ HTTP/1.1'), 400],
  ['a space in the path', line('GET /a b HTTP/1.1'), 400],
  ['no path', line('GET  HTTP/1.1'), 400],
  ['no version, as in HTTP/0.9', 'GET /\r\n\r\n', 400],
  ['a version in lower case', line('GET / http/1.1'), 400],
  ['version 1.2', line('GET / HTTP/1.2'), 400, 505],
  ['version 2.0', line('GET / HTTP/2.0'), 400, 505],
  ['version 9.9', line('GET / HTTP/9.9'), 400, 505],
  ['a version with letters', line('GET / HTTP/x.y'), 400],
  ['another protocol', line('GET / XYZ/1.0'), 400],
  ['text behind the version', line('GET / HTTP/1.1 extra'), 400],
  ['a bare CR in the request line', line('GET /\rX HTTP/1.1'), 400],
  ['a bare LF behind the request line', `GET / HTTP/1.1\n${HOST}\r\n`, 400],
  ['a NUL byte in the path', line('GET /\0 HTTP/1.1'), 400],
  ['a DEL byte in the path', line('GET /\x7f HTTP/1.1'), 400],
  ['a control byte in the path', line('GET /\x01 HTTP/1.1'), 400],
  ['bad UTF-8 in the path', line('GET /\xff\xfe HTTP/1.1'), 400],
  ['overlong UTF-8 in the path', line('GET /\xc0\xae\xc0\xae/ HTTP/1.1'), 400],
  ['a path without its slash', line('GET etc/passwd HTTP/1.1'), 400],
  ['a path with backslashes', line('GET \\..\\windows HTTP/1.1'), 400],
  ['a path of 20 000 letters', line(`GET /${'a'.repeat(20_000)} HTTP/1.1`), 414, 431],
  ['a query of 20 000 letters', line(`GET /?${'a'.repeat(20_000)} HTTP/1.1`), 414, 431],
  ['a fragment in the target', line('GET /#top HTTP/1.1'), 400],
  ['an asterisk with GET', line('GET * HTTP/1.1'), 400],
  ['an authority as target of a GET', line('GET api.example:80 HTTP/1.1'), 400],
  ['an absolute target of another scheme', line('GET file:///etc/passwd HTTP/1.1'), 400],
  ['an absolute target without a host', line('GET http:// HTTP/1.1'), 400],
  ['a tunnel', line('CONNECT 169.254.169.254:80 HTTP/1.1')],
  ['a tunnel without a port', line('CONNECT api.example HTTP/1.1')],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 505],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', 400],
  ['a PROXY protocol line', `PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n${get('')}`, 400],
  ['only NUL bytes', '\0'.repeat(64), 400],
  ['only spaces', `${' '.repeat(64)}\r\n\r\n`, 400],
  ['a response instead of a request', 'HTTP/1.1 200 OK\r\n\r\n', 400],
];

const paths: readonly Row[] = [
  ['dots to the root', line('GET /../../../etc/passwd HTTP/1.1'), 404],
  ['encoded dots', line('GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1'), 404],
  ['dots encoded twice', line('GET /%252e%252e/etc/passwd HTTP/1.1'), 404],
  ['an encoded slash', line('GET /..%2f..%2fetc%2fpasswd HTTP/1.1'), 404],
  ['an encoded backslash', line('GET /..%5c..%5cwindows HTTP/1.1'), 404],
  ['two slashes', line('GET //health HTTP/1.1'), 404],
  ['a host behind two slashes', line('GET //evil.example/%2f.. HTTP/1.1'), 404],
  ['an encoded NUL byte', line('GET /health%00 HTTP/1.1'), 404],
  ['an encoded line break', line('GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1'), 404],
  ['half of an escape', line('GET /%2 HTTP/1.1'), 400, 404],
  ['an escape that is no hexadecimal', line('GET /%zz HTTP/1.1'), 400, 404],
  ['an escape of bad UTF-8', line('GET /%ff%fe HTTP/1.1'), 400, 404],
  ['an escape of overlong UTF-8', line('GET /%c0%ae%c0%ae/ HTTP/1.1'), 400, 404],
  ['a semicolon parameter', line('GET /health;jsessionid=1 HTTP/1.1'), 404],
  ['a path that every object has', line('GET /__proto__ HTTP/1.1'), 404],
  ['another path that every object has', line('GET /constructor/prototype HTTP/1.1'), 404],
  ['a method that every object has', line('GET /toString HTTP/1.1'), 404],
  ['markup in the path', line('GET /<script>alert(1)</script> HTTP/1.1'), 404],
];

const headers: readonly Row[] = [
  ['no Host', line('GET / HTTP/1.1', ''), 400],
  ['two Hosts', get('Host: evil.example\r\n'), 400],
  ['an empty Host', line('GET / HTTP/1.1', 'Host:\r\n'), 400],
  ['a Host with a path', line('GET / HTTP/1.1', 'Host: a/b\r\n'), 400],
  ['a Host with a user', line('GET / HTTP/1.1', 'Host: a@evil.example\r\n'), 400],
  ['a Host with a space', line('GET / HTTP/1.1', 'Host: a b\r\n'), 400],
  ['a Host with a port of letters', line('GET / HTTP/1.1', 'Host: a:http\r\n'), 400],
  ['two Hosts in one', line('GET / HTTP/1.1', 'Host: a, b\r\n'), 400],
  ['a header without a colon', get('Nonsense\r\n'), 400],
  ['a header without a name', get(': value\r\n'), 400],
  ['a space before the colon', get('X-A : b\r\n'), 400],
  ['a space before the first header', `GET / HTTP/1.1\r\n ${HOST}\r\n`, 400],
  ['a tab before the colon', get('X-A\t: b\r\n'), 400],
  ['a folded header', get('X-A: b\r\n c\r\n'), 400],
  ['a header folded by a tab', get('X-A: b\r\n\tc\r\n'), 400],
  ['a NUL byte in a name', get('X-\0A: b\r\n'), 400],
  ['a NUL byte in a value', get('X-A: b\0c\r\n'), 400],
  ['a control byte in a value', get('X-A: b\x01c\r\n'), 400],
  ['a bracket in a name', get('X[A]: b\r\n'), 400],
  ['high bytes in a name', get('X-\xc3\xa9: b\r\n'), 400],
  ['a bare CR in a value', get('X-A: b\rc\r\n'), 400],
  ['a bare CR before the next header', get('X-A: b\rX-B: c\r\n'), 400],
  ['a bare LF between headers', get('X-A: b\nX-B: c\r\n'), 400],
  ['a bare LF that ends the headers', `GET / HTTP/1.1\r\n${HOST}\n`, 400],
  ['CR CR LF at the end of a header', get('X-A: b\r\r\n'), 400],
  ['a header of 20 000 bytes', get(`X-A: ${'a'.repeat(20_000)}\r\n`), 431],
  ['a name of 20 000 bytes', get(`${'a'.repeat(20_000)}: b\r\n`), 431],
  ['3 000 headers', get('X-A: b\r\n'.repeat(3_000)), 431],
  ['20 000 bytes of cookies', get(`Cookie: ${'a=b; '.repeat(4_000)}\r\n`), 431],
  ['an expectation that nobody knows', get('Expect: 200-maybe\r\n'), 417],
];

const framing: readonly Row[] = [
  ['CL.TE', post(`Content-Length: 6\r\n${CHUNKED}`, `0\r\n\r\n${SMUGGLED}`), 400],
  ['TE.CL', post(`${CHUNKED}Content-Length: 4\r\n`, `5c\r\n${SMUGGLED}\r\n0\r\n\r\n`), 400],
  ['Content-Length of nothing with chunks', post(`Content-Length: 0\r\n${CHUNKED}`, SMUGGLED), 400],
  ['two lengths that differ', post('Content-Length: 0\r\nContent-Length: 44\r\n', SMUGGLED), 400],
  ['two lengths that agree', post('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'), 400],
  ['two lengths in one', post('Content-Length: 2, 2\r\n', '{}'), 400],
  ['a negative length', post('Content-Length: -1\r\n', SMUGGLED), 400],
  ['a length with a plus', post('Content-Length: +2\r\n', '{}'), 400],
  ['a length in hexadecimal', post('Content-Length: 0x2\r\n', '{}'), 400],
  ['a length with a fraction', post('Content-Length: 2.0\r\n', '{}'), 400],
  ['a length with a space in it', post('Content-Length: 4 4\r\n', SMUGGLED), 400],
  ['a length beyond 64 bits', post('Content-Length: 99999999999999999999\r\n', '{}'), 400],
  ['an empty length', post('Content-Length: \r\n', SMUGGLED), 400],
  ['a space before the colon of the length', post('Content-Length : 44\r\n', SMUGGLED), 400],
  ['a length folded to the next line', post('Content-Length:\r\n 44\r\n', SMUGGLED), 400],
  ['an encoding that nobody knows', post('Transfer-Encoding: cow\r\n', SMUGGLED), 400],
  ['chunked, then something else', post('Transfer-Encoding: chunked, cow\r\n', SMUGGLED), 400],
  ['chunked in quotes', post('Transfer-Encoding: "chunked"\r\n', SMUGGLED), 400],
  ['chunked with a control byte', post('Transfer-Encoding: \x0bchunked\r\n', SMUGGLED), 400],
  ['chunked with a letter more', post('Transfer-Encoding: xchunked\r\n', SMUGGLED), 400],
  ['identity', post('Transfer-Encoding: identity\r\n', SMUGGLED), 400],
  ['chunked twice', post(`${CHUNKED}Transfer-Encoding: cow\r\n`, SMUGGLED), 400],
  ['a folded chunked', post('Transfer-Encoding:\r\n chunked\r\n', SMUGGLED), 400],
  ['a space before the colon of chunked', post('Transfer-Encoding : chunked\r\n', SMUGGLED), 400],
  ['a chunk size of letters', chunked('zz\r\n{}\r\n0\r\n\r\n'), 400],
  ['a chunk size with 0x', chunked('0x2\r\n{}\r\n0\r\n\r\n'), 400],
  ['a negative chunk size', chunked('-2\r\n{}\r\n0\r\n\r\n'), 400],
  ['a chunk size beyond 64 bits', chunked('fffffffffffffffff\r\n{}\r\n0\r\n\r\n'), 400],
  ['a space behind a chunk size', chunked('2 \r\n{}\r\n0\r\n\r\n'), 400],
  ['an empty chunk size', chunked('\r\n{}\r\n0\r\n\r\n'), 400],
  ['a chunk that is longer than it says', chunked('1\r\n{}\r\n0\r\n\r\n'), 400],
  ['a bare LF behind a chunk size', chunked('2\n{}\r\n0\r\n\r\n'), 400],
  ['a bare LF behind a chunk', chunked('2\r\n{}\n0\r\n\r\n'), 400],
  ['a bare CR behind a chunk size', chunked('2\r{}\r\n0\r\n\r\n'), 400],
  [
    'a chunk extension of 20 000 bytes',
    chunked(`2;a=${'b'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    413,
  ],
  ['a chunk extension with a bare LF', chunked('2;a\n{}\r\n0\r\n\r\n'), 400],
  ['a trailer that is no header', chunked('2\r\n{}\r\n0\r\nX A: b\r\n\r\n'), 400],
  [
    'a trailer of 20 000 bytes',
    chunked(`2\r\n{}\r\n0\r\nX-A: ${'b'.repeat(20_000)}\r\n\r\n`),
    431,
    404,
  ],
];

const bodies: readonly Row[] = [
  ['a body that says 1 TB', post(`${JSON_TYPE}Content-Length: 1000000000000\r\n`, '{'), 413],
  ['a body above the limit', json(`{"a":"${'x'.repeat(110_000)}"}`), 413],
  ['chunks above the limit', chunked(`1b000\r\n${'x'.repeat(0x1b000)}\r\n0\r\n\r\n`), 413],
  ['JSON that stops', json('{"a":'), 400],
  ['JSON that is a number', json('1'), 400],
  ['JSON in 50 000 brackets', json('['.repeat(50_000)), 400],
  ['JSON with a NUL byte', json('{"a":"\0"}'), 400],
  ['a body of bad UTF-8', json('\xff\xfe\xfd'), 400],
  [
    'a charset that nobody knows',
    post('Content-Type: application/json; charset=klingon\r\nContent-Length: 2\r\n', '{}'),
    415,
  ],
  ['a compression that nobody knows', json('{}', 'Content-Encoding: zip\r\n'), 415],
  ['gzip that is none', json('not gzip', 'Content-Encoding: gzip\r\n'), 415],
  [
    'a form',
    post('Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n', 'a=b'),
    415,
  ],
  ['XML with an entity', post('Content-Type: text/xml\r\nContent-Length: 4\r\n', '<a/>'), 415],
  ['a body without a type', post('Content-Length: 4\r\n', 'body'), 415],
  ['chunks without a type', post(CHUNKED, '4\r\nbody\r\n0\r\n\r\n'), 415],
  ['a type of nonsense', post('Content-Type: ;;=\r\nContent-Length: 2\r\n', '{}'), 415],
];

/** What the server waits for until its time is up. */
const unfinished: readonly Row[] = [
  ['a request line that stops', 'GET / HT', 408],
  ['headers that stop', 'GET / HTTP/1.1\r\nHost: api', 408],
  ['a body that stops', post(`${JSON_TYPE}Content-Length: 100\r\n`, '{"a":'), 408],
  ['a chunk that stops', chunked('64\r\n{"a":'), 408],
];

export const malformedRequests: readonly MalformedRequest[] = [
  ...requestLines,
  ...paths,
  ...headers,
  ...framing,
  ...bodies,
  ...unfinished,
].map(([name, bytes, ...refusedWith]) => ({
  name,
  bytes,
  refusedWith,
  sinceStrictParser: SINCE_STRICT_PARSER.has(name),
}));
