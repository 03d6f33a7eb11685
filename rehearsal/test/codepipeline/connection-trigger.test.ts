import { connectionTriggeredBy } from '../../src/codepipeline/connection-trigger';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import { deployedResource } from '../_helpers/deployed-resource';

const push = { owner: 'octo', repository: 'app', ref: 'refs/heads/main' };

const pipeline = (configuration: Record<string, unknown> = {}) =>
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
    }),
  );

it('starts for a push to the repository and branch of the connection', () => {
  expect(connectionTriggeredBy(pipeline(), push)).toBe('arn:connection');
});

it.each([
  ['another branch', {}, { ...push, ref: 'refs/heads/next' }],
  ['another repository', {}, { ...push, repository: 'web' }],
  ['a source that does not detect changes', { DetectChanges: false }, push],
])('does not start for %s', (_, configuration, pushed) => {
  expect(connectionTriggeredBy(pipeline(configuration), pushed)).toBeUndefined();
});
