import { mergeCalls } from '../../src/report/merge-calls';

const call = (action: string, count: number, allowed = true) => ({
  principal: 'role',
  action,
  resource: '*',
  allowed,
  count,
});

it('keeps the calls of every world, and counts the same kind together', () => {
  expect(
    mergeCalls([
      [call('ecr:PutImage', 2), call('ecs:UpdateService', 1)],
      [call('ecr:PutImage', 3), call('ecr:PutImage', 1, false)],
    ]),
  ).toEqual([
    call('ecr:PutImage', 5),
    call('ecs:UpdateService', 1),
    call('ecr:PutImage', 1, false),
  ]);
});
