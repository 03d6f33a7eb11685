import type { Facts } from '../../../src/scenarios/checks/facts';
import {
  brokenTasksCheck,
  executionsCheck,
  failedActionCheck,
  nobodyNoticed,
  rolledBackCheck,
  untouchedCheck,
} from '../../../src/scenarios/checks/failure-checks';
import type { Check, ExecutionReport } from '../../../src/report/report';

const time = '2026-01-01T00:00:00.000Z';
const span = { startedAt: time, finishedAt: time };
const healthyTask = 'arn:aws:ecs:eu-west-1:000000000000:task-definition/api:1';
const brokenTask = 'arn:aws:ecs:eu-west-1:000000000000:task-definition/api:2';

const deployment = (id: string, taskDefinition: string, rolloutState: string) => ({
  id,
  taskDefinition,
  image: `registry/api:${id}`,
  rolloutState,
  ...span,
});

const execution: ExecutionReport = {
  id: '1',
  pipeline: 'api',
  commit: 'abc',
  status: 'Failed',
  ...span,
  stages: [
    {
      name: 'Deploy',
      status: 'Failed',
      ...span,
      actions: [
        { name: 'Service', status: 'Failed', summary: 'did not complete in time', ...span },
      ],
    },
  ],
};

/** A broken version that was rolled back, as it should be. */
const rolledBack: Facts = {
  pushedCommits: ['abc'],
  deliveries: [200],
  executions: [execution],
  actionCategories: { 'Deploy/Service': 'Deploy' },
  deployments: [deployment('a', healthyTask, 'COMPLETED'), deployment('b', brokenTask, 'FAILED')],
  desiredCount: 2,
  tasks: [
    {
      taskDefinition: brokenTask,
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    },
  ],
  runningTasks: [healthyTask, healthyTask],
  pushedImages: [],
  recordedTags: { '/api/tag': 'a' },
  traffic: {
    sent: 10,
    succeeded: 10,
    failed: 0,
    resent: 0,
    byStatus: { '200': 10 },
    byTaskDefinition: { [healthyTask]: 10 },
    latencyMs: { p50: 1, p99: 1, max: 1 },
    failures: [],
    longestStallMs: 0,
    failedWithKilledTasks: 0,
    failedWithBrokenVersion: 0,
    errorsByTaskDefinition: {},
  },
  answersBefore: { [healthyTask]: 5 },
  answersAfter: { [healthyTask]: 5 },
  pageBefore: undefined,
  pageAfter: undefined,
  calls: [
    { principal: 'role', action: 'ecs:UpdateService', resource: 'arn', allowed: true, count: 1 },
  ],
  mail: [mail('failed', false)],
  releaseAlarms: [],
  mailRules: { actions: false, deployments: false },
  serviceAlarms: ['SlowAnswers'],
  hasPipelineRule: true,
};

const checks = (facts: Facts): Check[] => [
  executionsCheck(facts, ['Failed']),
  failedActionCheck(facts, 'Deploy', /did not complete/),
  rolledBackCheck(facts),
  brokenTasksCheck(facts, /Essential container/),
  ...nobodyNoticed(facts),
];

const notTrue = (change: Partial<Facts>) =>
  checks({ ...rolledBack, ...change })
    .filter(({ passed }) => !passed)
    .map(({ expectation }) => expectation);

it('finds nothing wrong with a rollback that nobody noticed', () => {
  expect(notTrue({})).toEqual([]);
});

it('a mail about a failure of before is neither the one that must come nor one too many', () => {
  const ofBefore = mail('OK: "pipeline-failed"', true);
  const succeeded = [{ ...execution, status: 'Succeeded' as const }];
  const nobody = 'nobody gets a mail';

  expect(notTrue({ mail: [ofBefore] })).toContain(
    'the team gets a mail for every execution that failed',
  );
  expect(notTrue({ mail: [ofBefore], executions: succeeded })).not.toContain(nobody);
  expect(notTrue({ mail: [mail('OK', false)], executions: succeeded })).toContain(nobody);
});

it.each<[string, Partial<Facts>, string]>([
  [
    'an execution that Succeeded',
    { executions: [{ ...execution, status: 'Succeeded' }] },
    'the executions of the pipeline ended as Failed',
  ],
  ['no execution', { executions: [] }, 'the executions of the pipeline ended as Failed'],
  [
    'a failure in another action',
    { actionCategories: { 'Deploy/Service': 'Build' } },
    'it is the Deploy action that failed',
  ],
  [
    'a deployment that went through',
    {
      deployments: [
        deployment('a', healthyTask, 'COMPLETED'),
        deployment('b', brokenTask, 'COMPLETED'),
      ],
    },
    'the circuit breaker failed the deployment',
  ],
  [
    'a rollback that is not over',
    {
      deployments: [
        deployment('a', healthyTask, 'IN_PROGRESS'),
        deployment('b', brokenTask, 'FAILED'),
      ],
    },
    'the circuit breaker failed the deployment',
  ],
  [
    'a broken task that still runs',
    { tasks: [{ ...rolledBack.tasks[0]!, lastStatus: 'RUNNING' }] },
    'every task of the broken version was stopped',
  ],
  [
    'a broken version in service',
    { runningTasks: [healthyTask, brokenTask] },
    'every task that runs',
  ],
  ['a task too few', { runningTasks: [healthyTask] }, 'every task that runs'],
  ['a lost request', { traffic: { ...rolledBack.traffic, failed: 1 } }, 'no request was lost'],
  [
    'an answer of the broken version',
    { traffic: { ...rolledBack.traffic, byTaskDefinition: { [healthyTask]: 9, [brokenTask]: 1 } } },
    'no user ever got an answer of another version',
  ],
  ['silence at the end', { answersAfter: {} }, 'in the end the healthy version answers alone'],
  [
    'a recorded tag of the broken version',
    { recordedTags: { '/api/tag': 'b' } },
    'every SSM parameter',
  ],
  ['a team that hears nothing', { mail: [] }, 'the team gets a mail'],
  [
    'a denied call',
    { calls: [{ ...rolledBack.calls[0]!, allowed: false }] },
    "the templates' policies",
  ],
])('notices %s', (_, change, expectation) => {
  expect(notTrue(change)).toContainEqual(expect.stringContaining(expectation));
});

it('a mail about an alarm of the service is about no release', () => {
  const slow = { ...mail('AWS Notification Message', false), text: 'alarm SlowAnswers' };
  const succeeded = [{ ...execution, status: 'Succeeded' }];
  expect(notTrue({ mail: [slow], executions: succeeded })).not.toContain('nobody gets a mail');
  expect(notTrue({ mail: [slow] })).toContain(
    'the team gets a mail for every execution that failed',
  );
});

it('expects no mail of a project whose templates have no rule for it', () => {
  expect(notTrue({ mail: [], hasPipelineRule: false })).toEqual([]);
});

it('notices that a build that failed had touched the service', () => {
  expect(untouchedCheck(rolledBack).passed).toBe(false);
  const [before] = rolledBack.deployments;
  expect(untouchedCheck({ ...rolledBack, deployments: [before!], tasks: [] }).passed).toBe(true);
});

function mail(subject: string, ofBefore: boolean) {
  return {
    subject,
    to: 'team@example.com',
    at: time,
    file: 'mail/1.eml',
    text: 'it failed',
    ofBefore,
  };
}
