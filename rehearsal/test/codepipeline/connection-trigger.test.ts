import { connectionTriggeredBy } from '../../src/codepipeline/connection-trigger';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import { deployedResource } from '../_helpers/deployed-resource';

const push = {
  owner: 'octo',
  repository: 'app',
  ref: 'refs/heads/main',
  after: 'c0ffee',
  changedFiles: ['api/src/server.ts', 'README.md'],
};

const pipeline = (
  configuration: Record<string, unknown> = {},
  properties: Record<string, unknown> = {},
) =>
  readPipeline(
    deployedResource('AWS::CodePipeline::Pipeline', {
      RoleArn: 'role',
      ArtifactStore: { Location: 'bucket' },
      Stages: ['Source', 'Build'].map((Name) => ({
        Name,
        Actions: [
          {
            Name,
            ActionTypeId: {
              Category: 'Source',
              Owner: 'AWS',
              Provider: 'CodeStarSourceConnection',
              Version: '1',
            },
            Configuration: {
              ConnectionArn: 'arn:connection',
              FullRepositoryId: 'octo/app',
              BranchName: 'main',
              ...configuration,
            },
          },
        ],
      })),
      ...properties,
    }),
  );

const triggered = (gitConfiguration: Record<string, unknown>) =>
  pipeline(
    {},
    {
      PipelineType: 'V2',
      Triggers: [
        {
          ProviderType: 'CodeStarSourceConnection',
          GitConfiguration: { SourceActionName: 'Source', ...gitConfiguration },
        },
      ],
    },
  );

it('starts for a push to the repository and branch of the connection', () => {
  expect(connectionTriggeredBy(pipeline(), push)).toEqual({
    triggerType: 'WebhookV2',
    triggerDetail: 'arn:connection',
  });
});

it.each([
  ['another branch', {}, { ...push, ref: 'refs/heads/next' }],
  ['another repository', {}, { ...push, repository: 'web' }],
  ['a source that does not detect changes', { DetectChanges: false }, push],
  ['a branch that was deleted', {}, { ...push, after: '0'.repeat(40) }],
])('does not start for %s', (_, configuration, pushed) => {
  expect(connectionTriggeredBy(pipeline(configuration), pushed)).toBeUndefined();
});

describe('a trigger of a V2 pipeline', () => {
  const branches = { Branches: { Includes: ['release/**', 'main'], Excludes: ['**/draft'] } };

  it.each([
    ['a branch that an include matches', branches, { ref: 'refs/heads/release/1/x' }, true],
    ['a branch that no include matches', branches, { ref: 'refs/heads/next' }, false],
    ['a branch that an exclude matches', branches, { ref: 'refs/heads/release/draft' }, false],
    [
      '* within a segment',
      { Branches: { Includes: ['release/*'] } },
      { ref: 'refs/heads/release/1/x' },
      false,
    ],
    ['a changed path', { FilePaths: { Includes: ['api/**'] } }, {}, true],
    ['no changed path', { FilePaths: { Includes: ['web/**'] } }, {}, false],
    ['changes of which only some are excluded', { FilePaths: { Excludes: ['**/*.md'] } }, {}, true],
    [
      'changes that are all excluded',
      { FilePaths: { Excludes: ['**/*.md', 'api/**'] } },
      {},
      false,
    ],
    [
      'a branch, when only the path holds',
      { ...branches, FilePaths: { Includes: ['x'] } },
      {},
      false,
    ],
    ['a tag', { Tags: { Includes: ['v*'] } }, { ref: 'refs/tags/v1.2' }, true],
    ['another tag', { Tags: { Includes: ['v*'] } }, { ref: 'refs/tags/nightly' }, false],
    ['a branch, when it waits for tags', { Tags: { Includes: ['v*'] } }, {}, false],
    ['a tag, when it waits for branches', branches, { ref: 'refs/tags/main' }, false],
  ])('for %s', (_, filter, change, starts) => {
    const started = connectionTriggeredBy(triggered({ Push: [filter] }), { ...push, ...change });
    expect(started !== undefined).toBe(starts);
  });

  it('needs one of its filters only', () => {
    const either = triggered({ Push: [{ Tags: { Includes: ['v*'] } }, branches] });
    expect(connectionTriggeredBy(either, push)).toBeDefined();
  });

  it('releases the pushed commit and branch instead of the configured one', () => {
    const started = connectionTriggeredBy(triggered({ Push: [branches] }), {
      ...push,
      ref: 'refs/heads/release/7',
    });
    expect(started?.sourceRevisions).toEqual([
      { actionName: 'Source', commit: 'c0ffee', branch: 'release/7' },
    ]);
  });

  it('without filters starts for every push to the configured branch', () => {
    expect(connectionTriggeredBy(triggered({}), push)).toBeDefined();
    expect(connectionTriggeredBy(triggered({}), { ...push, ref: 'refs/heads/x' })).toBeUndefined();
  });

  it('for pull requests alone starts for no push', () => {
    const pulls = triggered({ PullRequest: [{ Events: ['OPEN'] }] });
    expect(connectionTriggeredBy(pulls, push)).toBeUndefined();
  });
});
