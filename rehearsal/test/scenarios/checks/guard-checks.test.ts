import type { MailReport } from '../../../src/report/report';
import type { Facts } from '../../../src/scenarios/checks/facts';
import {
  errorsOfNewVersion,
  guardChecks,
  type GuardFacts,
} from '../../../src/scenarios/checks/guard-checks';
import { NO_TRAFFIC } from '../../../src/scenarios/story/reported';

const deployment = (taskDefinition: string) => ({
  id: taskDefinition,
  taskDefinition,
  image: taskDefinition,
  rolloutState: 'COMPLETED',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
});

const mail = (to: string, text = 'Alarm errors went off.'): MailReport => ({
  subject: 'AWS Notification Message',
  to,
  at: '2026-01-01T00:00:00.000Z',
  file: 'mail/1.eml',
  text,
  ofBefore: false,
});

const facts: Pick<Facts, 'deployments' | 'traffic' | 'mail'> = {
  deployments: [deployment('api:1'), deployment('api:2')],
  traffic: { ...NO_TRAFFIC, sent: 100, failed: 30, errorsByTaskDefinition: { 'api:2': 30 } },
  mail: [mail('team@example.com'), mail('boss@example.com')],
};

const guards: GuardFacts = {
  names: ['errors', 'latency'],
  wentOff: [{ name: 'errors', isTold: true }],
  red: [],
  because: 'alarm detected.',
  errorsUntilRollback: 30,
};

const notTrue = (change: Partial<typeof facts>, other: Partial<GuardFacts> = {}) =>
  guardChecks({ ...facts, ...change }, { ...guards, ...other })
    .filter(({ passed }) => !passed)
    .map(({ expectation }) => expectation);

const COST = 'users lost what the broken version answered before the rollback, and nothing else';
const TOLD = 'a mail tells that the alarm errors went off';

test('an alarm that ends a deployment at once is all that is asked', () => {
  expect(notTrue({})).toEqual([]);
});

test.each<[string, Partial<typeof facts>, Partial<GuardFacts>, string]>([
  ['no alarm', {}, { wentOff: [] }, 'an alarm that guards deployments went off'],
  [
    'the circuit breaker instead',
    {},
    { because: 'tasks failed to start.' },
    'ECS gave the deployment up because of it',
  ],
  ['an error after the rollback', {}, { errorsUntilRollback: 29 }, COST],
  [
    'an error of the healthy version',
    {
      traffic: {
        ...facts.traffic,
        failed: 31,
        errorsByTaskDefinition: { 'api:1': 1, 'api:2': 30 },
      },
    },
    {},
    COST,
  ],
  ['a connection that broke', { traffic: { ...facts.traffic, failed: 31 } }, {}, COST],
  ['no error at all', { traffic: { ...NO_TRAFFIC, sent: 100 } }, { errorsUntilRollback: 0 }, COST],
  [
    'an alarm that stays red',
    {},
    { red: ['errors'] },
    'in the end no such alarm is in ALARM, so that the next deployment is guarded',
  ],
  ['no mail', { mail: [] }, {}, TOLD],
  ['a mail about another alarm', { mail: [mail('team@example.com', 'latency')] }, {}, TOLD],
  ['a mail without a subject', { mail: [{ ...mail('team@example.com'), subject: '' }] }, {}, TOLD],
])('%s is not', (_, change, other, expectation) => {
  expect(notTrue(change, other)).toEqual([expectation]);
});

test('nobody needs a mail where the templates tell nobody of alarms', () => {
  expect(notTrue({ mail: [] }, { wentOff: [{ name: 'errors', isTold: false }] })).toEqual([]);
});

test('errors count as those of the broken version only when there is another one', () => {
  expect(errorsOfNewVersion(facts)).toBe(30);
  const traffic = { ...facts.traffic, errorsByTaskDefinition: { 'api:1': 5 } };
  expect(errorsOfNewVersion({ traffic, deployments: [deployment('api:1')] })).toBe(0);
});
