import fc from 'fast-check';
import { matchesAction, matchesArn, matchesResource } from '../../src/iam/wildcards';
import { matchesWildcard } from '../../src/wildcard';

test('actions match without regard to case', () => {
  expect(matchesAction('ecr:Get*', 'ECR:getAuthorizationToken')).toBe(true);
  expect(matchesAction('ecr:Get?', 'ecr:GetX')).toBe(true);
  expect(matchesAction('ecr:Get', 'ecr:GetAuthorizationToken')).toBe(false);
  expect(matchesAction('*', 'ecr:PutImage')).toBe(true);
});

test.each([
  ['arn:aws:s3:::goods/*', 'arn:aws:s3:::goods/a/b.zip', true],
  ['arn:aws:s3:::goods/*', 'arn:aws:s3:::goods', false],
  ['arn:aws:s3:::GOODS', 'arn:aws:s3:::goods', false],
  [
    'arn:aws:ecs:*:000000000000:service/*/api',
    'arn:aws:ecs:eu-west-1:000000000000:service/shop/api',
    true,
  ],
  [
    'arn:aws:logs:eu-west-1:000000000000:log-group:/aws/x:*',
    'arn:aws:logs:eu-west-1:000000000000:log-group:/aws/x:log-stream:1',
    true,
  ],
  [
    'arn:aws:logs:eu-west-1:000000000000:log-group:/aws/x',
    'arn:aws:logs:eu-west-1:000000000000:log-group:/aws/x:*',
    false,
  ],
  ['arn:aws:ssm:*:*:parameter/a?c', 'arn:aws:ssm:eu-west-1:000000000000:parameter/abc', true],
  ['*', 'anything', true],
])('the resource %s against %s: %s', (pattern, resource, expected) => {
  expect(matchesResource(pattern, resource)).toBe(expected);
});

test('a star inside a segment does not reach over a colon, one at its end does', () => {
  expect(matchesResource('arn:aws:e*s:eu-west-1:1:x', 'arn:aws:ecs:eu-west-1:1:x')).toBe(true);
  expect(matchesResource('arn:aws:e*t-1:1:x:y', 'arn:aws:ecs:eu-west-1:1:x:y')).toBe(false);
  expect(matchesResource('arn:aws:sns:*', 'arn:aws:sns:eu-west-1:1:topic')).toBe(true);
});

test('an ARN that is cut short stands for everything below it', () => {
  expect(matchesResource('arn:aws:sqs', 'arn:aws:sqs:eu-west-1:1:queue')).toBe(true);
  expect(matchesResource('arn:aws:sqs', 'arn:aws:sns:eu-west-1:1:queue')).toBe(false);
});

test('ArnLike compares segment by segment', () => {
  expect(matchesArn('arn:aws:events:*:*:rule/*', 'arn:aws:events:eu-west-1:1:rule/bus/name')).toBe(
    true,
  );
  expect(matchesArn('arn:aws:*:rule/x', 'arn:aws:events:eu-west-1:1:rule/x')).toBe(false);
});

test('a text without wildcards matches itself and nothing else', () => {
  const plain = fc.string().filter((text) => !/[*?]/.test(text));
  fc.assert(
    fc.property(plain, plain, (pattern, text) => {
      expect(matchesWildcard(pattern, text)).toBe(pattern === text);
      expect(matchesWildcard(pattern, pattern)).toBe(true);
    }),
  );
});

test('a pattern with many stars is decided at once', () => {
  const pattern = `arn:aws:s3:::${'*a'.repeat(40)}b`;
  const text = `arn:aws:s3:::${'a'.repeat(1000)}`;

  expect(matchesResource(pattern, text)).toBe(false);
  expect(matchesWildcard(pattern, `${text}b`)).toBe(true);
});
