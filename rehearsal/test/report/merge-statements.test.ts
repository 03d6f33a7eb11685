import type { StatementUse } from '../../src/iam/policy-use';
import { mergeStatements } from '../../src/report/merge-statements';

const statement = (number: number, put: number, get: number): StatementUse => ({
  holder: 'arn:aws:iam::000000000000:role/build',
  kind: 'identity-based policy',
  where: "AWS::IAM::Policy 'BuildPolicy' in stack 'Cicd'",
  place: null,
  statement: number,
  sid: null,
  effect: 'Allow',
  calls: put + get,
  actions: [
    { pattern: 'ecr:PutImage', calls: put },
    { pattern: 'ecr:BatchGetImage', calls: get },
  ],
  resources: [{ pattern: '*', calls: put + get }],
});

it('adds up what several worlds used of the same statement, action by action', () => {
  expect(
    mergeStatements([[statement(0, 1, 0), statement(1, 0, 0)], [statement(0, 2, 5)], []]),
  ).toEqual([statement(0, 3, 5), statement(1, 0, 0)]);
});
