import fc from 'fast-check';
import { parseEventPattern } from '../../src/eventbridge/event-pattern';

const matches = (pattern: unknown, event: Record<string, unknown>) =>
  parseEventPattern(pattern, "AWS::Events::Rule 'Rule' in stack 'Stack'")(event);

const event = {
  source: 'aws.codepipeline',
  region: 'ap-northeast-2',
  resources: ['arn:aws:codepipeline:ap-northeast-2:000000000000:api'],
  detail: { state: 'FAILED', version: 3, stage: 'Deploy', type: { provider: 'ECS' }, note: null },
};

describe('an event pattern', () => {
  test('every field that it names must have one of its values; other fields may hold anything', () => {
    expect(matches({ source: ['aws.ecs', 'aws.codepipeline'] }, event)).toBe(true);
    expect(matches({ source: ['aws.codepipeline'], detail: { state: ['FAILED'] } }, event)).toBe(
      true,
    );
    expect(matches({ source: ['aws.codepipeline'], detail: { state: ['STARTED'] } }, event)).toBe(
      false,
    );
  });

  test('of a list in the event one value is enough', () => {
    expect(matches({ resources: [{ suffix: ':api' }] }, event)).toBe(true);
    expect(matches({ resources: [{ suffix: ':web' }] }, event)).toBe(false);
  });

  test('nested objects match level by level, and in a list of objects one of them', () => {
    expect(matches({ detail: { type: { provider: ['ECS'] } } }, event)).toBe(true);
    const list = { detail: { containers: [{ name: 'a' }, { name: 'b', exitCode: 137 }] } };
    expect(matches({ detail: { containers: { exitCode: [137] } } }, list)).toBe(true);
    expect(matches({ detail: { containers: { exitCode: [0] } } }, list)).toBe(false);
  });

  test('a number is not the text that looks like it, and null is a value', () => {
    expect(matches({ detail: { version: [3] } }, event)).toBe(true);
    expect(matches({ detail: { version: ['3'] } }, event)).toBe(false);
    expect(matches({ detail: { note: [null] } }, event)).toBe(true);
  });

  test.each([
    [[{ prefix: 'FA' }], true],
    [[{ prefix: 'fa' }], false],
    [[{ prefix: { 'equals-ignore-case': 'fa' } }], true],
    [[{ suffix: 'ED' }], true],
    [[{ suffix: { 'equals-ignore-case': 'ed' } }], true],
    [[{ 'equals-ignore-case': 'failed' }], true],
    [[{ wildcard: 'F*E?' }], false],
    [[{ wildcard: 'F*E*' }], true],
    [[{ wildcard: 'F\\*' }], false],
    [[{ 'anything-but': 'FAILED' }], false],
    [[{ 'anything-but': ['SUCCEEDED', 'STOPPED'] }], true],
    [[{ 'anything-but': { prefix: 'SUCC' } }], true],
    [[{ 'anything-but': { prefix: ['SUCC', 'FAIL'] } }], false],
    [[{ 'anything-but': { suffix: 'ED' } }], false],
    [[{ 'anything-but': { wildcard: '*X*' } }], true],
    [[{ 'anything-but': { 'equals-ignore-case': ['failed'] } }], false],
  ])('%j on the state FAILED: %s', (state, expected) => {
    expect(matches({ detail: { state } }, event)).toBe(expected);
  });

  test.each([
    [['=', 3], true],
    [['>', 3], false],
    [['>=', 3], true],
    [['>', 0, '<', 3], false],
    [['>', 0, '<=', 3], true],
  ])('numeric %j on 3: %s', (numeric, expected) => {
    expect(matches({ detail: { version: [{ numeric }] } }, event)).toBe(expected);
  });

  test('an address matches its block', () => {
    const at = (sourceIp: string) => matches({ ip: [{ cidr: '10.0.0.0/24' }] }, { ip: sourceIp });

    expect(at('10.0.0.255')).toBe(true);
    expect(at('10.0.1.0')).toBe(false);
    expect(at('no address')).toBe(false);
    expect(matches({ ip: [{ cidr: '2001:db8::/32' }] }, { ip: '2001:db8::1' })).toBe(true);
  });

  test('exists asks whether the field is there', () => {
    expect(matches({ detail: { stage: [{ exists: true }] } }, event)).toBe(true);
    expect(matches({ detail: { action: [{ exists: true }] } }, event)).toBe(false);
    expect(matches({ detail: { action: [{ exists: false }] } }, event)).toBe(true);
    expect(matches({ elsewhere: { action: [{ exists: false }] } }, event)).toBe(true);
  });

  test('a field that is missing is not anything but a value', () => {
    expect(matches({ detail: { action: [{ 'anything-but': 'x' }] } }, event)).toBe(false);
  });

  test('$or needs one of its alternatives, beside the other fields', () => {
    const pattern = (region: string) => ({
      region: [region],
      $or: [{ detail: { state: ['STARTED'] } }, { detail: { stage: ['Deploy'] } }],
    });

    expect(matches(pattern('ap-northeast-2'), event)).toBe(true);
    expect(matches(pattern('us-east-1'), event)).toBe(false);
  });

  test('an event matches the pattern that lists exactly its own values', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const names = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(fc.dictionary(names, leaf, { minKeys: 1 }), (fields) => {
        const pattern = Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, [v]]));
        expect(matches(pattern, fields)).toBe(true);
      }),
    );
  });

  test.each([
    [{ source: 'aws.ecs' }, '"source" must be an object or an array'],
    [{ source: [] }, 'Empty arrays are not allowed at "source"'],
    [{ detail: { state: [{ regex: 'F.*' }] } }, 'Unrecognized match type regex'],
    [{ detail: { state: [{ 'anything-but': { numeric: ['>', 1] } }] } }, 'numeric in anything-but'],
    [{ detail: { version: [{ numeric: ['~', 1] }] } }, 'numeric takes'],
    [{ detail: { ip: [{ cidr: '10.0.0.0' }] } }, 'cidr takes'],
    [{ detail: { state: [{ prefix: 'a', suffix: 'b' }] } }, 'Only one key allowed'],
    [{ detail: { state: [{ wildcard: 'a**b' }] } }, 'Consecutive wildcard'],
  ])('%j is refused: %s', (pattern, reason) => {
    expect(() => matches(pattern, event)).toThrow(
      expect.objectContaining({
        code: 'EventPatternInvalid',
        message: expect.stringContaining(reason),
      }) as Error,
    );
  });

  test('the refusal names the rule and the field', () => {
    expect(() => matches({ detail: { state: [{ regex: 'x' }] } }, event)).toThrow(
      /AWS::Events::Rule 'Rule' in stack 'Stack': .*at "detail.state"/s,
    );
  });
});
