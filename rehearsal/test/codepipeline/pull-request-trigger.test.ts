import fc from 'fast-check';
import { connectionTriggeredByPullRequest } from '../../src/codepipeline/connection-trigger';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import {
  pullRequestRelease,
  unopenedPullRequests,
} from '../../src/codepipeline/pull-request-release';
import type { PullRequestEvent } from '../../src/github/github';
import { deployedResource } from '../_helpers/deployed-resource';

const event: PullRequestEvent = {
  owner: 'octo',
  repository: 'app',
  action: 'opened',
  number: 7,
  head: 'faster',
  base: 'main',
  headCommit: 'c0ffee',
  changedFiles: ['api/src/server.ts', 'README.md'],
};

const connection = (FullRepositoryId: string) => ({
  ActionTypeId: { Category: 'Source', Owner: 'AWS', Provider: 'CodeStarSourceConnection' },
  Configuration: { ConnectionArn: 'arn:connection', FullRepositoryId, BranchName: 'main' },
});

/** A V2 pipeline with one trigger. */
const triggered = (gitConfiguration: Record<string, unknown>, properties = {}) =>
  readPipeline(
    deployedResource(
      'AWS::CodePipeline::Pipeline',
      {
        RoleArn: 'role',
        PipelineType: 'V2',
        ArtifactStore: { Location: 'bucket' },
        Stages: ['Source', 'Build'].map((Name) => ({
          Name,
          Actions: [
            { Name: 'Library', ...connection('octo/library') },
            { Name: 'App', ...connection('octo/app') },
          ],
        })),
        Triggers: [
          {
            ProviderType: 'CodeStarSourceConnection',
            GitConfiguration: { SourceActionName: 'App', ...gitConfiguration },
          },
        ],
        ...properties,
      },
      { physicalId: 'release' },
    ),
  );

const starts = (filters: readonly object[], change: Partial<PullRequestEvent> = {}) =>
  connectionTriggeredByPullRequest(triggered({ PullRequest: filters }), { ...event, ...change });

it('starts with the newest commit of the branch that the pull request comes from', () => {
  expect(starts([{ Events: ['OPEN'] }])).toEqual({
    triggerType: 'WebhookV2',
    triggerDetail: 'arn:connection',
    sourceRevisions: [{ actionName: 'App', commit: 'c0ffee', branch: 'faster' }],
  });
});

const branches = { Branches: { Includes: ['main', 'release/*'], Excludes: ['release/0'] } };

it.each([
  ['opened, which it waits for', { Events: ['OPEN'] }, {}, true],
  ['opened, when it waits for merges', { Events: ['CLOSED'] }, {}, false],
  ['updated, which it waits for', { Events: ['UPDATED'] }, { action: 'synchronize' }, true],
  ['updated, when it waits for others', { Events: ['OPEN'] }, { action: 'synchronize' }, false],
  ['merged, which it waits for', { Events: ['OPEN', 'CLOSED'] }, { action: 'closed' }, true],
  ['merged, when it says nothing of events', branches, { action: 'closed' }, true],
  ['to be merged into a branch that an include matches', branches, { base: 'release/1' }, true],
  ['to be merged into another branch', branches, { base: 'next' }, false],
  ['to be merged into a branch that an exclude matches', branches, { base: 'release/0' }, false],
  ['from a branch that only its own name matches', branches, { head: 'main', base: 'next' }, false],
  ['with a changed path', { FilePaths: { Includes: ['api/**'] } }, {}, true],
  ['without a changed path', { FilePaths: { Includes: ['web/**'] } }, {}, false],
  ['with excluded paths alone', { FilePaths: { Excludes: ['api/**', '*.md'] } }, {}, false],
  [
    'with the path, and another branch',
    { ...branches, FilePaths: { Includes: ['api/**'] } },
    { base: 'next' },
    false,
  ],
  ['of another repository', {}, { repository: 'web' }, false],
  ['of the repository of a source without a trigger', {}, { repository: 'library' }, false],
] as const)('a pull request %s', (_, filter, change, expected) => {
  expect(starts([filter], change) !== undefined).toBe(expected);
});

it('a trigger for pushes starts for no pull request', () => {
  const pushes = triggered({ Push: [{ Branches: { Includes: ['**'] } }] });
  expect(connectionTriggeredByPullRequest(pushes, event)).toBeUndefined();
});

const names = ['main', 'next', 'release/1', 'api/x.ts', 'README.md'];
const globs = fc.subarray([...names, '*', '**', 'release/*', '**/*.ts']);
const criteria = fc.record({ Includes: globs, Excludes: globs });
const filter = fc.record(
  {
    Events: fc.subarray(['OPEN', 'UPDATED', 'CLOSED'], { minLength: 1 }),
    Branches: criteria,
    FilePaths: criteria,
  },
  { requiredKeys: [] },
);
const change = fc.record({
  action: fc.constantFrom('opened', 'synchronize', 'closed' as const),
  base: fc.constantFrom(...names),
  changedFiles: fc.subarray(names),
});

it('one of several filters is enough, whatever the others say', () => {
  fc.assert(
    fc.property(fc.array(filter, { minLength: 1, maxLength: 3 }), change, (filters, changed) => {
      const alone = filters.some((each) => starts([each], changed) !== undefined);
      expect(starts(filters, changed) !== undefined).toBe(alone);
    }),
  );
});

it('an exclude wins over every include', () => {
  fc.assert(
    fc.property(filter, change, (each, changed) => {
      const Branches = { Includes: each.Branches?.Includes ?? [], Excludes: [changed.base] };
      expect(starts([{ ...each, Branches }], changed)).toBeUndefined();
    }),
  );
});

describe('is refused:', () => {
  it.each([
    ['an event that there is not', { PullRequest: [{ Events: ['MERGED'] }] }, 'MERGED'],
    ['a filter that waits for no event', { PullRequest: [{ Events: [] }] }, 'Events'],
    ['more than three filters', { PullRequest: [{}, {}, {}, {}] }, 'PullRequest'],
  ])('%s', (_, gitConfiguration, message) => {
    expect(() => triggered(gitConfiguration)).toThrow(message);
  });

  it('a second trigger for one source action', () => {
    const trigger = {
      ProviderType: 'CodeStarSourceConnection',
      GitConfiguration: { SourceActionName: 'App', PullRequest: [{}] },
    };
    expect(() => triggered({}, { Triggers: [trigger, trigger] })).toThrow(
      "two triggers for the action 'App'",
    );
  });
});

describe('a change is released', () => {
  const waitsFor = (...Events: string[]) => triggered({ PullRequest: [{ Events }] });
  const pushed = triggered({ Push: [{ Branches: { Includes: ['main'] } }] });

  it.each([
    ['by a push, where one pipeline waits for it', [waitsFor('OPEN'), pushed], undefined],
    ['by opening a pull request', [waitsFor('OPEN', 'UPDATED', 'CLOSED')], 'opened'],
    ['by merging it, where one waits for that', [waitsFor('OPEN'), waitsFor('CLOSED')], 'merged'],
  ])('%s', (_, pipelines, expected) => {
    expect(pullRequestRelease(pipelines)).toBe(expected);
  });

  it('and the report names the pipelines whose pull requests nobody opened', () => {
    expect(unopenedPullRequests([waitsFor('OPEN'), pushed])).toEqual([
      "Pull requests start the pipeline 'release'; a push releases changes here, so none was opened.",
    ]);
    expect(unopenedPullRequests([waitsFor('OPEN')])).toEqual([]);
  });
});
