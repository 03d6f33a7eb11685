import type { MailReport } from '../../../src/report/report';
import { type Recovery, recoveryChecks } from '../../../src/scenarios/checks/recovery-checks';

const mail = (text: string, to = 'team@example.com'): MailReport => ({
  subject: 'AWS Notification Message',
  to,
  at: '2026-01-01T00:00:00.000Z',
  file: 'mail/1.eml',
  text,
  ofBefore: false,
});

const news = 'Releases work again: pipeline greeter.';
const recovery: Recovery = {
  alarms: ['greeter-broken'],
  otherAlarms: ['greeter-failed', 'broken'],
  pipelines: ['greeter'],
  before: [mail('Release failed.')],
  after: [mail(news)],
};

const notTrue = (change: Partial<Recovery>) =>
  recoveryChecks({ ...recovery, ...change })
    .filter(({ passed }) => !passed)
    .map(({ expectation }) => expectation);

const TOLD = 'one mail tells everybody who heard of the failure that releases work again';

test.each<[string, Partial<Recovery>]>([
  ['one mail that names the pipeline', {}],
  ['one that names the alarm', { after: [mail('OK: "greeter-broken"')] }],
  [
    'one for each of two addresses',
    {
      before: [mail('failed'), mail('failed'), mail('failed', 'boss@example.com')],
      after: [mail(news), mail(news, 'boss@example.com')],
    },
  ],
  [
    'one beside a mail of another alarm that is OK by now',
    { after: [mail(news), mail('OK: "greeter-failed" of pipeline greeter')] },
  ],
])('%s is enough', (_, change) => {
  expect(notTrue(change)).toEqual([]);
});

test.each<[string, Partial<Recovery>]>([
  ['no mail', { after: [] }],
  ['the same mail twice', { after: [mail(news), mail(news)] }],
  ['a mail of another alarm', { after: [mail('OK: "greeter-failed" of pipeline greeter')] }],
  ['a mail about something else', { after: [mail('Invoice')] }],
  ['a mail without a subject', { after: [{ ...mail(news), subject: '' }] }],
  ['a mail to only one of two', { before: [mail('failed'), mail('failed', 'boss@example.com')] }],
  ['a mail to somebody else', { after: [mail(news, 'boss@example.com')] }],
])('%s is not', (_, change) => {
  expect(notTrue(change)).toEqual([TOLD]);
});

test('an alarm has to be OK because of the release', () => {
  expect(notTrue({ alarms: [] })).toEqual([
    'an alarm that the failure set off is OK because of the release that succeeded',
  ]);
});
