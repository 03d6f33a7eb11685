import type { Facts } from '../../../src/scenarios/checks/facts';
import { releaseChecks } from '../../../src/scenarios/checks/release-checks';

const time = '2026-01-01T00:00:00.000Z';
const repository = '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com/api';
const revision = (number: number) =>
  `arn:aws:ecs:ap-northeast-2:000000000000:task-definition/api:${number}`;

const deployment = (number: number, tag: string, rolloutState = 'COMPLETED') => ({
  id: `ecs-svc/${number}`,
  taskDefinition: revision(number),
  image: `${repository}:${tag}`,
  rolloutState,
  startedAt: time,
  finishedAt: time,
});

const action = (status = 'Succeeded') => ({
  name: 'Deploy_to_ECS',
  status,
  summary: 'why',
  startedAt: time,
  finishedAt: time,
});

const execution = (status = 'Succeeded', actionStatus = status) => ({
  id: '1',
  pipeline: 'api-pipeline',
  commit: 'bbbbbbb000',
  status,
  startedAt: time,
  finishedAt: time,
  stages: [
    { name: 'Deploy', status, startedAt: time, finishedAt: time, actions: [action(actionStatus)] },
  ],
});

/** A release as it should be. */
const healthy: Facts = {
  pushedCommits: ['bbbbbbb000'],
  deliveries: [200],
  actionCategories: { 'Deploy/Deploy_to_ECS': 'Deploy' },
  tasks: [],
  executions: [execution()],
  deployments: [deployment(1, 'aaaaaaa'), deployment(2, 'bbbbbbb')],
  desiredCount: 2,
  runningTasks: [revision(2), revision(2)],
  pushedImages: [`${repository}:latest`, `${repository}:bbbbbbb`],
  recordedTags: { '/api/image-tag': 'bbbbbbb' },
  traffic: {
    sent: 100,
    succeeded: 100,
    failed: 0,
    resent: 0,
    byStatus: { '200': 100 },
    byTaskDefinition: { [revision(1)]: 60, [revision(2)]: 40 },
    latencyMs: { p50: 1, p99: 2, max: 3 },
    failures: [],
    longestStallMs: 0,
    failedWithKilledTasks: 0,
    failedWithBrokenVersion: 0,
    errorsByTaskDefinition: {},
  },
  answersBefore: { [revision(1)]: 30 },
  answersAfter: { [revision(1)]: 0, [revision(2)]: 30 },
  pageBefore: '{"commit":"aaaaaaa"}',
  pageAfter: '{"commit":"bbbbbbb"}',
  calls: [
    { principal: 'role', action: 'ecs:UpdateService', resource: 'arn', allowed: true, count: 1 },
  ],
  mail: [],
  releaseAlarms: [],
  mailRules: { actions: false, deployments: false },
  serviceAlarms: ['SlowAnswers'],
  hasPipelineRule: false,
};

const broken = (change: Partial<Facts>) =>
  releaseChecks({ ...healthy, ...change })
    .filter(({ passed }) => !passed)
    .map(({ expectation }) => expectation);

it('finds nothing wrong with a healthy release', () => {
  expect(broken({})).toEqual([]);
});

it.each<[string, Partial<Facts>, string]>([
  ['no execution', { executions: [] }, 'the push started one execution'],
  ['two executions', { executions: [execution(), execution()] }, 'the push started one execution'],
  ['a failed execution', { executions: [execution('Failed')] }, 'the push started one execution'],
  ['another commit', { pushedCommits: ['ccc'] }, 'the push started one execution'],
  [
    'an action that failed',
    { executions: [execution('Succeeded', 'Failed')] },
    'every action Succeeded',
  ],
  [
    'a rollback',
    { deployments: [...healthy.deployments, deployment(1, 'aaaaaaa')] },
    'the release is a deployment of its own',
  ],
  [
    'a deployment in progress',
    { deployments: [deployment(1, 'aaaaaaa'), deployment(2, 'bbbbbbb', 'IN_PROGRESS')] },
    'the release is a deployment of its own',
  ],
  [
    'an old task that still runs',
    { runningTasks: [revision(1), revision(2)] },
    'every task that runs',
  ],
  ['a missing task', { runningTasks: [revision(2)] }, 'every task that runs'],
  ['no tasks at all', { runningTasks: [] }, 'every task that runs'],
  ['an image that nobody pushed', { pushedImages: [] }, 'the service runs the image'],
  [
    'a tag that was not recorded',
    { recordedTags: { '/api/image-tag': 'aaaaaaa' } },
    'every SSM parameter',
  ],
  ['one lost request', { traffic: { ...healthy.traffic, failed: 1 } }, 'no request was lost'],
  ['no traffic', { traffic: { ...healthy.traffic, sent: 0 } }, 'no request was lost'],
  [
    'an old version that still answers',
    { answersAfter: { [revision(1)]: 1, [revision(2)]: 30 } },
    'after the release the new version',
  ],
  ['silence at the end', { answersAfter: {} }, 'after the release the new version'],
  [
    'a new version that answered too early',
    { answersBefore: { [revision(2)]: 1 } },
    'before the push the first version',
  ],
  [
    'a page of the old version',
    { pageAfter: healthy.pageBefore },
    'GET / named the first image before',
  ],
  [
    'a denied call',
    { calls: [{ ...healthy.calls[0]!, allowed: false }] },
    "the templates' policies allowed",
  ],
  ['no calls', { calls: [] }, "the templates' policies allowed"],
])('notices %s', (_, change, expectation) => {
  const found = broken(change);
  expect(found).toContainEqual(expect.stringContaining(expectation));
});

it('does not ask an API for its version that does not tell it', () => {
  const titles = releaseChecks({ ...healthy, pageBefore: 'hello', pageAfter: 'hello' });
  expect(titles.map(({ expectation }) => expectation)).not.toContainEqual(
    expect.stringContaining('GET /'),
  );
  expect(titles.every(({ passed }) => passed)).toBe(true);
});
