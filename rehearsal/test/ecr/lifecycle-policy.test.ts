import { checkLifecyclePolicy } from '../../src/ecr/lifecycle-policy';
import { serviceException } from '../_helpers/service-exception';

const untagged = {
  rulePriority: 1,
  selection: {
    tagStatus: 'untagged',
    countType: 'sinceImagePushed',
    countUnit: 'days',
    countNumber: 14,
  },
  action: { type: 'expire' },
};
const any = {
  rulePriority: 2,
  selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 30 },
  action: { type: 'expire' },
};
const check = (...rules: unknown[]) => checkLifecyclePolicy(JSON.stringify({ rules }, null, 2));

test('a policy by the rules is kept without white space', () => {
  expect(check(untagged, any)).toBe(JSON.stringify({ rules: [untagged, any] }));
});

test.each([
  [
    'tagged without a prefix or pattern',
    [{ ...any, selection: { ...any.selection, tagStatus: 'tagged' } }],
    'tagPrefixList',
  ],
  ['two rules of one priority', [untagged, { ...any, rulePriority: 1 }], 'rulePriority'],
  ["'any' before another rule", [{ ...untagged, rulePriority: 3 }, any], 'highest rulePriority'],
  [
    'days with a count of images',
    [{ ...any, selection: { ...any.selection, countUnit: 'days' } }],
    'countUnit',
  ],
  ['a key that ECR does not know', [{ ...any, enabled: true }], 'enabled'],
  ['no rules', [], 'rules'],
])('%s is refused with the place', (_, rules, place) => {
  expect(() => check(...rules)).toThrow(serviceException('InvalidParameterException', place));
});

test('text that is not JSON is refused', () => {
  expect(() => checkLifecyclePolicy('{')).toThrow('not valid JSON');
});
