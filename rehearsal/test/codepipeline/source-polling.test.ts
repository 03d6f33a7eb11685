import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import { polledSources, SourcePolling } from '../../src/codepipeline/source-polling';
import { deployedResource } from '../_helpers/deployed-resource';
import { ManualClock } from '../_helpers/manual-clock';

const pipeline = (
  Provider: string,
  PollForSourceChanges: unknown,
  Owner = Provider === 'GitHub' ? 'ThirdParty' : 'AWS',
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
            ActionTypeId: { Category: 'Source', Owner, Provider, Version: '1' },
            Configuration: PollForSourceChanges === undefined ? {} : { PollForSourceChanges },
          },
        ],
      })),
    }),
  );
const polled = (...args: Parameters<typeof pipeline>) =>
  polledSources(pipeline(...args)).map(({ name }) => name);

it.each(['GitHub', 'CodeCommit', 'S3'])(
  'a %s source polls unless it is told not to',
  (provider) => {
    expect(polled(provider, undefined)).toEqual(['Source']);
    expect(polled(provider, true)).toEqual(['Source']);
    expect(polled(provider, 'false')).toEqual([]);
  },
);

it.each(['ECR', 'CodeStarSourceConnection'])('a source of type %s never polls', (provider) => {
  expect(polled(provider, undefined)).toEqual([]);
});

it('a new commit is found within a minute, once, and the one that was there is not new', async () => {
  const clock = new ManualClock();
  let newest = 'first';
  const found: string[] = [];
  const polling = new SourcePolling(
    clock,
    () => Promise.resolve(newest),
    (commit) => found.push(commit),
  );
  await clock.advance(180_000);
  expect(found).toEqual([]);
  newest = 'second';
  await clock.advance(60_000);
  expect(found).toEqual(['second']);
  await clock.advance(180_000);
  expect(found).toEqual(['second']);
  await polling.close();
});

it('whoever pushed can wait for the next look, and closing lets nobody wait forever', async () => {
  const clock = new ManualClock();
  const polling = new SourcePolling(
    clock,
    () => Promise.resolve('commit'),
    () => undefined,
  );
  let looked = false;
  void polling.nextLook().then(() => (looked = true));
  await clock.advance(59_000);
  expect(looked).toBe(false);
  await clock.advance(1_000);
  expect(looked).toBe(true);
  const never = polling.nextLook();
  await polling.close();
  await never;
});
