import { requestsText, totalsOf } from '../../src/report/totals';

const none = { resent: 0, failedWithKilledTasks: 0, failedWithBrokenVersion: 0 };

test('adds up every column over all scenarios', () => {
  const totals = totalsOf([
    { ...none, sent: 10, failed: 0 },
    { sent: 20, failed: 5, resent: 0, failedWithKilledTasks: 2, failedWithBrokenVersion: 0 },
    { sent: 30, failed: 9, resent: 4, failedWithKilledTasks: 0, failedWithBrokenVersion: 9 },
  ]);
  expect(totals).toEqual({
    sent: 60,
    failed: 14,
    resent: 4,
    failedWithKilledTasks: 2,
    failedWithBrokenVersion: 9,
  });
  expect(requestsText(totals)).toBe(
    '60 requests, 14 failed, 2 of them with tasks that a scenario killed, 9 of them answered by a version that a scenario broke, 4 sent again because their connection ended with its task',
  );
});

test('says no more than it must when nothing failed by a scenario', () => {
  expect(requestsText({ ...none, sent: 10, failed: 1 })).toBe('10 requests, 1 failed');
});
