import { resolveVariables } from '../../src/codepipeline/variables';

const variables = new Map([['BuildVariables', { IMAGE_TAG: 'abc1234', EMPTY: '' }]]);

it('replaces every reference to an output variable', () => {
  expect(
    resolveVariables('put #{BuildVariables.IMAGE_TAG}#{BuildVariables.EMPTY}!', variables),
  ).toBe('put abc1234!');
});

it('leaves text without references alone', () => {
  expect(resolveVariables('$IMAGE_TAG ${X} #hash #{no dot}', variables)).toBe(
    '$IMAGE_TAG ${X} #hash #{no dot}',
  );
});

it('fails on a variable that no action produced, and lists those that are known', () => {
  expect(() => resolveVariables('#{BuildVariables.TAG}', variables)).toThrow(
    /#\{BuildVariables\.TAG\} could not be resolved; known: #\{BuildVariables\.IMAGE_TAG\}/,
  );
});
