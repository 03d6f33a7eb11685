import type { DeploymentReport, MailReport } from '../../../src/report/report';
import { alarmChecks, reasonMailChecks } from '../../../src/scenarios/checks/mail-checks';

const failedAt = '2026-01-01T00:10:00.000Z';
const span = { startedAt: '2026-01-01T00:00:00.000Z', finishedAt: failedAt };
const summary = 'Error while executing command: npm run "test:all". Reason: exit status 1';
const text = `"Release failed: action Tests of stage Build."\n"Reason: ${summary}"\n"Execution e-1"`;
const asJson = JSON.stringify({ id: 'e-1', stage: 'Build', action: 'Tests', why: summary });

const mail = (body: string, at = '2026-01-01T00:10:01.000Z'): MailReport => ({
  subject: 'AWS Notification Message',
  to: 'team@example.com',
  at,
  file: 'mail/1.eml',
  text: body,
  ofBefore: false,
});

const facts = {
  mailRules: { actions: true, deployments: true },
  executions: [
    {
      id: 'e-1',
      pipeline: 'api',
      commit: 'abc',
      status: 'Failed',
      ...span,
      stages: [
        {
          name: 'Build',
          status: 'Failed',
          ...span,
          actions: [{ name: 'Tests', status: 'Failed', summary, ...span }],
        },
      ],
    },
  ],
  deployments: [] as DeploymentReport[],
  mail: [mail(text)],
};

const notTrue = (change: Partial<typeof facts>) =>
  reasonMailChecks({ ...facts, ...change }).filter(({ passed }) => !passed);

test('a mail that tells of the action, its execution and its reason is enough, also as JSON', () => {
  expect(reasonMailChecks(facts)).toHaveLength(1);
  expect(notTrue({})).toEqual([]);
  expect(notTrue({ mail: [mail(asJson)] })).toEqual([]);
});

test.each([
  ['no mail', []],
  ['two mails', [mail(text), mail(text)]],
  ['a mail without the reason', [mail(text.replace(summary, ''))]],
  ['a mail about another action', [mail(text.replace('Tests', 'Lint'))]],
  ['a mail about another execution', [mail(text.replace('e-1', 'e-2'))]],
  ['a mail without a subject', [{ ...mail(text), subject: '' }]],
  ['a mail with a subject that SNS would not take', [{ ...mail(text), subject: 'x'.repeat(100) }]],
  ['a mail that comes two minutes later', [mail(text, '2026-01-01T00:12:00.000Z')]],
])('%s is not', (_, mails) => {
  expect(notTrue({ mail: mails })).toHaveLength(1);
});

describe('a deployment that was given up', () => {
  const deployments = [
    {
      id: 'ecs-svc/1',
      taskDefinition: 'api:2',
      image: 'api:2',
      rolloutState: 'FAILED',
      ...span,
    },
  ];
  const own = mail('"Deployment ecs-svc/1"');

  test('has a mail of its own beside that of the action, which names it too', () => {
    const ofAction = mail(`${text} Deployment ecs-svc/1 is FAILED`);
    expect(notTrue({ deployments, mail: [own, ofAction] })).toEqual([]);
    expect(notTrue({ deployments, mail: [ofAction] })).toMatchObject([{ actual: 'no such mail' }]);
  });
});

test('templates without such rules are asked for no such mail', () => {
  const mailRules = { actions: false, deployments: false };
  expect(reasonMailChecks({ ...facts, mailRules, mail: [] })).toEqual([]);
});

describe('an alarm on failed executions', () => {
  const alarm = (state: 'ALARM' | 'OK') => [{ name: 'ReleaseFailed', state }];

  test('is in ALARM after one', () => {
    const checks = (state: 'ALARM' | 'OK') =>
      alarmChecks({ executions: facts.executions, releaseAlarms: alarm(state) });
    expect(checks('ALARM')).toMatchObject([{ passed: true }]);
    expect(checks('OK')).toMatchObject([{ passed: false, actual: 'OK' }]);
  });

  test('is not looked at when none failed: an earlier failure may still be in its window', () => {
    expect(alarmChecks({ executions: [], releaseAlarms: alarm('ALARM') })).toEqual([]);
  });
});
