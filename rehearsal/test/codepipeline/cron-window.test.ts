import { isInWindow } from '../../src/codepipeline/cron-window';

// May 2027: the 1st is a Saturday, the 31st a Monday.
test.each([
  ['every minute', '* * * * * *', '2027-05-05T12:34', true],
  ['a list', '* 0,30 * ? * *', '2027-05-05T12:30', true],
  ['a list without it', '* 0,30 * ? * *', '2027-05-05T12:31', false],
  ['increments from the start', '* */15 * ? * *', '2027-05-05T12:45', true],
  ['increments from a number', '* 5/20 * ? * *', '2027-05-05T12:45', true],
  ['increments from a later number', '* 50/5 * ? * *', '2027-05-05T12:45', false],
  ['a month by name', '* * * ? MAY *', '2027-05-05T12:00', true],
  ['another month', '* * * ? JAN-APR *', '2027-05-05T12:00', false],
  ['a weekday by number', '* * * ? * 4', '2027-05-05T12:00', true],
  ['L: the last day of the month', '* * * L * ?', '2027-05-31T12:00', true],
  ['L-3: three days before it', '* * * L-3 * ?', '2027-05-28T12:00', true],
  ['LW: the last workday', '* * * LW * ?', '2027-05-31T12:00', true],
  ['15W: a Saturday moves to Friday', '* * * 15W * ?', '2027-05-14T12:00', true],
  ['16W: a Sunday moves to Monday', '* * * 16W * ?', '2027-05-17T12:00', true],
  ['1W: never into the month before', '* * * 1W * ?', '2027-05-03T12:00', true],
  ['6L: the last Friday', '* * * ? * 6L', '2027-05-28T12:00', true],
  ['6L: not one before', '* * * ? * 6L', '2027-05-21T12:00', false],
  ['6#3: the third Friday', '* * * ? * 6#3', '2027-05-21T12:00', true],
  ['L alone: Saturday', '* * * ? * L', '2027-05-08T12:00', true],
  ['a year', '* * * ? * * 2027', '2027-05-05T12:00', true],
  ['another year', '* * * ? * * 2028-2030', '2027-05-05T12:00', false],
])('%s', (_, cron, time, holds) => {
  expect(isInWindow(cron, Date.parse(`${time}:00Z`), 'UTC')).toBe(holds);
});
