import {
  readPipeline,
  runOrderGroups,
  unplayedPipelineParts,
} from '../../src/codepipeline/pipeline-definition';
import { deployedResource } from '../_helpers/deployed-resource';

const action = (name: string, extra: Record<string, unknown> = {}) => ({
  Name: name,
  ActionTypeId: { Category: 'Build', Owner: 'AWS', Provider: 'CodeBuild', Version: '1' },
  ...extra,
});

const pipelineOf = (...stages: Record<string, unknown>[]) =>
  deployedResource(
    'AWS::CodePipeline::Pipeline',
    {
      RoleArn: 'arn:aws:iam::000000000000:role/pipeline',
      ArtifactStore: { Location: 'bucket' },
      Stages: stages,
    },
    { physicalId: 'the-pipeline' },
  );

const source = {
  Name: 'Source',
  Actions: [action('Fetch', { OutputArtifacts: [{ Name: 'Source' }] })],
};

it('runs actions by rising runOrder, equal numbers together, whatever their place in the list', () => {
  const { stages } = readPipeline(
    pipelineOf(source, {
      Name: 'Build',
      Actions: [action('Last', { RunOrder: 7 }), action('One'), action('Two', { RunOrder: '1' })],
    }),
  );
  expect(runOrderGroups(stages[1]!).map((group) => group.map(({ name }) => name))).toEqual([
    ['One', 'Two'],
    ['Last'],
  ]);
});

it('defaults to the mode of AWS, SUPERSEDED', () => {
  expect(
    readPipeline(pipelineOf(source, { Name: 'B', Actions: [action('b')] })).executionMode,
  ).toBe('SUPERSEDED');
});

it('refuses an action that reads an artifact which no earlier action makes', () => {
  const early = {
    Name: 'Build',
    Actions: [action('Early', { InputArtifacts: [{ Name: 'Output' }] })],
  };
  expect(() => readPipeline(pipelineOf(source, early))).toThrow(
    /'Early' of stage 'Build'.*reads the artifact 'Output'.*made so far: Source/,
  );
});

it('names stack, logical id, property and value of what it cannot read', () => {
  expect(() =>
    readPipeline(pipelineOf(source, { Name: 'B', Actions: [action('b', { RunOrder: 'first' })] })),
  ).toThrow(/'Thing' in stack 'TestStack'[^]*Stages\.1\.Actions\.0\.RunOrder[^]*"first"/);
});

it('names the parts of stages and actions that it does not play', () => {
  const stage = {
    Name: 'Deploy',
    OnFailure: { Result: 'ROLLBACK' },
    Actions: [action('a', { TimeoutInMinutes: 5 })],
  };
  expect(unplayedPipelineParts(pipelineOf(source, stage))).toEqual([
    'Stages.Deploy.OnFailure',
    'Stages.Deploy.a.TimeoutInMinutes',
  ]);
});
