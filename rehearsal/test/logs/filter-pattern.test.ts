import { parseFilterPattern } from '../../src/logs/filter-pattern';

const matches = (pattern: string, message: unknown) => {
  const parsed = parseFilterPattern(pattern, 'a filter');
  if ('unplayed' in parsed) throw new Error(parsed.unplayed);
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

describe('a pattern that is not played', () => {
  test.each([
    ['[ip, user, status = 4*]', 'fields between spaces'],
    ['%ERR.*%', 'regular expression'],
  ])('%s is named', (pattern, reason) => {
    expect(parseFilterPattern(pattern, 'a filter')).toEqual({
      unplayed: expect.stringContaining(reason),
    });
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
  ])('%s', (pattern, reason) => {
    expect(() => parseFilterPattern(pattern, "AWS::Logs::MetricFilter 'Failed'")).toThrow(reason);
    expect(() => parseFilterPattern(pattern, "AWS::Logs::MetricFilter 'Failed'")).toThrow(
      "AWS::Logs::MetricFilter 'Failed': the filter pattern is not valid",
    );
  });
});
