import { parseFilterPattern } from '../../src/logs/filter-pattern';

const matches = (pattern: string, message: unknown) => {
  const parsed = parseFilterPattern(pattern, 'a filter');
  return parsed.matches(typeof message === 'string' ? message : JSON.stringify(message));
};

describe('conditions on JSON', () => {
  const trail = {
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    ThisFlag: true,
    'detail-type': 'a type',
    latency: 500,
    user: { id: 1, email: 'John.Stiles@example.com' },
  };

  test.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{$.eventType=UpdateTrail}', true],
    ['{ $.eventType = "updatetrail" }', false],
    ['{ $.eventType = Update* }', true],
    ['{ $.eventType = *Trail }', true],
    ['{ $.eventType = *dateTr* }', true],
    ['{ $.eventType = Up*Trail }', false],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.SomeObject NOT EXISTS }', false],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.ThisFlag IS FALSE }', false],
    ['{ $.detail-type = "a type" }', true],
    ['{ $.[\'detail-type\'] = "a type" }', true],
    ['{ $.latency >= 500 }', true],
    ['{ $.latency > +5e2 }', false],
    ['{ $.latency = 500.0 }', true],
    ['{ $.latency = * }', true],
    ['{ $.eventType > 1 }', false],
  ])('%s: %s', (pattern, expected) => {
    expect(matches(pattern, trail)).toBe(expected);
  });

  test.each([
    ['{ ($.user.id = 1) && ($.eventType = "UpdateTrail") }', true],
    ['{ ($.user.id = 2 && $.latency = 1) || $.arrayKey[1] = "x" }', false],
    ['{ $.user.id = 1 || $.latency = 1 && $.arrayKey[0] = x }', true],
    ['{ ($.user.id = 1 || $.latency = 1) && $.arrayKey[0] = x }', false],
  ])('and binds before or: %s is %s', (pattern, expected) => {
    expect(matches(pattern, trail)).toBe(expected);
  });

  test('neither = nor != matches what is no value: a list, an object, nothing', () => {
    for (const selector of ['$.arrayKey', '$.user', '$.nothing']) {
      expect(matches(`{ ${selector} = 1 }`, trail)).toBe(false);
      expect(matches(`{ ${selector} != 1 }`, trail)).toBe(false);
    }
  });

  test('text that is no JSON object matches nothing', () => {
    expect(matches('{ $.a NOT EXISTS }', 'plain text')).toBe(false);
    expect(matches('{ $.a NOT EXISTS }', '[1]')).toBe(false);
  });
});

describe('terms', () => {
  test.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR] fatal', true],
    ['ERROR', 'error', false],
    ['ERROR Exception', '[ERROR] Caught IllegalArgumentException', true],
    ['ERROR Exception', '[ERROR] fatal', false],
    ['ERROR -Exiting', 'Exiting with ERRORCODE: -1', false],
    ['"ERROR" -"Exiting"', '[ERROR] fatal', true],
    ['"Failed to process"', 'Unable to continue: Failed to process', true],
    ['?ERROR ?WARN', 'WARN message', true],
    ['?ERROR ?WARN', 'INFO message', false],
  ])('%s on "%s": %s', (pattern, message, expected) => {
    expect(matches(pattern, message)).toBe(expected);
  });
});

describe('fields between spaces', () => {
  const access = (status: number, bytes: number) =>
    `127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" ${status} ${bytes}`;

  test.each([
    ['[ip, user, username, timestamp, request, status_code, bytes]', true],
    ['[ip, user, username, timestamp, request, status_code]', false],
    ['[ip, user, username, timestamp, request, status_code, bytes > 1000]', true],
    ['[..., status_code = 4*, bytes]', true],
    ['[..., status_code = 404.0, bytes]', true],
    ['[ip, user, …, status_code = 5*, bytes]', false],
    ['[ip, user, ...]', true],
    ['[ip = 10.*, ...]', false],
    ['[..., request = *html*, status_code = 4* && status_code != 403, bytes <= 1534]', true],
    ['[..., status_code = 500 || status_code = 404, bytes]', true],
    ['[..., status_code = 4* && status_code != 404, bytes]', false],
    ['[..., request = *.html*, status_code = 4*,]', true],
    ['[..., request = %^GET\\s\\S+% , status_code = %4[0-9]{2}%, bytes]', true],
    ['[..., username = "frank", timestamp, request, status_code, bytes]', true],
    ['[..., timestamp > 5, request, status_code, bytes]', false],
  ])('%s: %s', (pattern, expected) => {
    expect(matches(pattern, access(404, 1534))).toBe(expected);
  });

  test('are told by their names, or by their places where they have none', () => {
    const { valueIn } = parseFilterPattern('[..., request=*.html*, status_code=4*,]', 'a filter');
    const found = ['$status_code', '$request', '$7', '$4', '$3', '$1', '$none'].map((selector) =>
      valueIn(access(404, 1534), selector),
    );
    expect(found).toEqual([
      ...['404', 'GET /index.html HTTP/1.0', '1534', '10/Oct/2000:13:25:15 -0700'],
      ...['frank', '127.0.0.1', undefined],
    ]);
  });
});

describe('a regular expression', () => {
  test.each([
    ['%AUTHORIZED%', '[ERROR 401] UNAUTHORIZED REQUEST', true],
    ['%[Ee]rror|[Ff]ail%', 'it did fail', true],
    ['%^[hc]at%', 'that', false],
    ['%[hc]at$%', 'a hat', true],
    ['%[hc]at$%', 'hats', false],
    ['%colou?r%', 'color', true],
    ['%^a{3,5}$%', 'aaaaaa', false],
    ['%^a{2}b{1,}c*d+$%', 'aabbd', true],
    ['%\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}%', 'from 10.10.0.1', true],
    ['%10\\.10%', '10x10', false],
    ['%[^0-9]\\x3B%', '7;', false],
    ['%\\[ERROR\\]\\s\\w+%', '[ERROR] fatal', true],
    ['%a.c$|^$%', '', true],
    ['{ $.name = %^Api-[0-9]+$% }', '{"name":"Api-7"}', true],
    ['{ $.name != %^Api-[0-9]+$% }', '{"name":"Api-7"}', false],
  ])('%s on "%s": %s', (pattern, message, expected) => {
    expect(matches(pattern, message)).toBe(expected);
  });

  test('takes no longer for a pattern that backtracking would never finish', () => {
    const pattern = `%^${'a*'.repeat(30)}b$%`;
    expect(matches(pattern, 'a'.repeat(10_000))).toBe(false);
    expect(matches(pattern, `${'a'.repeat(10_000)}b`)).toBe(true);
  });
});

describe('a pattern that CloudWatch Logs would refuse', () => {
  test.each([
    ['{ $.state = }', 'a value'],
    ['{ state = FAILED }', 'a selector'],
    ['{ $.state FAILED }', 'an operator'],
    ['{ $.state = FAILED', "'}'"],
    ['{ $.state = FAILED } x', 'nothing more'],
    ['{ $.count > many }', 'a number after >'],
    ['404-error', 'needs double quotes'],
    ['%something!%', "'!' is not allowed"],
    ['%(a|b)%', "'(' is not allowed"],
    ['%größe%', "'ö' is not allowed"],
    ['%a b%', "' ' is not allowed"],
    ['%%', 'empty'],
    ['%[%', 'is not allowed'],
    ['%a{5,2}%', "'{5,2}' is no count"],
    ['%a{99999}%', 'is no count up to 1000'],
    ['%*a%', "'*' is not allowed"],
    ['%a$b%', "'$' is no end"],
    ['%[z-a]%', "'z-a' is no range"],
    ['{ $.a = %a% && $.b = %b% && $.c = %c% }', 'at most 2 regular expressions'],
    ['[a, b', 'the end of the fields'],
    ['[a, ..., b, ...]', "one '...' at most"],
    ['[a = 1 && b = 2]', "another condition on the field 'a'"],
    ['[a > x]', 'a number after >'],
    ['[a ~ 1]', 'an operator'],
  ])('%s', (pattern, reason) => {
    expect(() => parseFilterPattern(pattern, "AWS::Logs::MetricFilter 'Failed'")).toThrow(reason);
    expect(() => parseFilterPattern(pattern, "AWS::Logs::MetricFilter 'Failed'")).toThrow(
      "AWS::Logs::MetricFilter 'Failed': the filter pattern is not valid",
    );
  });
});
