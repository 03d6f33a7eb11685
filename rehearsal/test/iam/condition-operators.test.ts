import { conditionHolds } from '../../src/iam/condition-operators';

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
  expect(() => holds('IpAddress', '10.0.0.0/8', '10.0.0.1')).toThrow(
    /condition operator 'IpAddress' on 'aws:Key'/,
  );
});
