import { conditionHolds, isKnownKey } from '../../src/iam/condition-operators';

const holds = (
  operator: string,
  wanted: string | string[],
  actual?: string | string[],
  key = 'aws:Key',
) =>
  conditionHolds(operator, key, [wanted].flat(), actual === undefined ? {} : { 'AWS:key': actual });

test.each([
  ['StringEquals', ['a', 'b'], 'b', true],
  ['StringEquals', 'a', 'A', false],
  ['StringEqualsIgnoreCase', 'a', 'A', true],
  ['StringNotEquals', ['a', 'b'], 'b', false],
  ['StringNotEquals', ['a', 'b'], 'c', true],
  ['StringLike', 'refs/*', 'refs/heads/main', true],
  ['StringNotLike', 'refs/*', 'refs/heads/main', false],
  ['ArnLike', 'arn:aws:events:*:*:rule/*', 'arn:aws:events:eu-west-1:1:rule/x', true],
  ['ArnNotEquals', 'arn:aws:events:eu-west-1:1:rule/x', 'arn:aws:events:eu-west-1:1:rule/x', false],
  ['Bool', 'true', 'True', true],
  ['NumericLessThanEquals', '10', '10', true],
  ['NumericGreaterThan', '10', '9', false],
  ['DateLessThan', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', true],
  ['NumericEquals', '10', '10.0', true],
  ['NumericNotEquals', '10', '11', true],
  ['NumericLessThan', '1.2', '1.2', false],
  ['NumericGreaterThanEquals', '10', '9', false],
  ['DateEquals', '2026-01-01T00:00:00Z', '1767225600', true],
  ['DateNotEquals', '2026-01-01T00:00:00Z', '1767225600', false],
  ['DateLessThanEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', true],
  ['DateGreaterThanEquals', '2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', false],
  ['StringNotEqualsIgnoreCase', 'a', 'A', false],
  ['ArnEquals', 'arn:aws:sns:eu-west-1:1:*', 'arn:aws:sns:eu-west-1:1:x', true],
  ['ArnNotLike', 'arn:aws:sns:*:*:*', 'arn:aws:sqs:eu-west-1:1:x', true],
  ['IpAddress', ['192.0.2.0/24', '10.0.0.0/8'], '10.1.2.3', true],
  ['IpAddress', '203.0.113.7', '203.0.113.8', false],
  ['IpAddress', '2001:db8::/32', '2001:db8::1', true],
  ['IpAddress', '10.0.0.0/8', '2001:db8::1', false],
  ['NotIpAddress', '10.0.0.0/8', '10.1.2.3', false],
  ['DateGreaterThan', '1767225600', '2026-01-02T00:00:00Z', true],
])('%s %j holds for %j: %s', (operator, wanted, actual, expected) => {
  expect(holds(operator, wanted, actual)).toBe(expected);
});

test('a request without the key fails a plain operator and passes a negated or IfExists one', () => {
  expect(holds('StringEquals', 'a')).toBe(false);
  expect(holds('StringNotEquals', 'a')).toBe(true);
  expect(holds('StringEqualsIfExists', 'a')).toBe(true);
  expect(holds('StringEqualsIfExists', 'a', 'b')).toBe(false);
});

test('Null asks whether the key is there', () => {
  expect(holds('Null', 'true')).toBe(true);
  expect(holds('Null', 'true', 'x')).toBe(false);
  expect(holds('Null', 'false', 'x')).toBe(true);
});

test('ForAnyValue wants one of the request’s values, ForAllValues each of them', () => {
  expect(holds('ForAnyValue:StringEquals', ['a', 'b'], ['x', 'a'])).toBe(true);
  expect(holds('ForAllValues:StringEquals', ['a', 'b'], ['x', 'a'])).toBe(false);
  expect(holds('ForAllValues:StringLike', 'a*', ['a1', 'a2'])).toBe(true);
  expect(holds('ForAnyValue:StringEquals', 'a')).toBe(false);
  expect(holds('ForAllValues:StringEquals', 'a')).toBe(true);
});

test('an operator that is not understood is refused by name', () => {
  expect(() => holds('BinaryEquals', 'YQ==', 'a')).toThrow(
    /condition operator 'BinaryEquals' on 'aws:Key'/,
  );
});

test('what a rehearsal does not know of a call is not taken as absent', () => {
  const context = { 'aws:SecureTransport': 'true', 'aws:username': undefined };

  expect(isKnownKey(context, 'AWS:securetransport', 's3:GetObject')).toBe(true);
  expect(isKnownKey(context, 'aws:username', 's3:GetObject')).toBe(true);
  expect(isKnownKey(context, 'aws:SourceIp', 's3:GetObject')).toBe(false);
  expect(isKnownKey(context, 's3:prefix', 's3:GetObject')).toBe(false);
  expect(isKnownKey(context, 'iam:PassedToService', 's3:GetObject')).toBe(true);
});
