import { readPipeline, unplayedPipelineParts } from '../../src/codepipeline/pipeline-definition';
import { runOrderGroups } from '../../src/codepipeline/run-order';
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

it('names the parts of stages that it does not play', () => {
  const stage = {
    Name: 'Deploy',
    Blockers: [{ Name: 'Wait', Type: 'Schedule' }],
    Actions: [action('a')],
  };
  expect(unplayedPipelineParts(pipelineOf(source, stage))).toEqual(['Stages.Deploy.Blockers']);
});

describe('what CodePipeline would not create is refused', () => {
  const build = { Name: 'Build', Actions: [action('b')] };
  const withProperties = (properties: Record<string, unknown>, ...stages: object[]) => {
    const resource = pipelineOf(source, ...(stages as Record<string, unknown>[]));
    return { ...resource, properties: { ...resource.properties, ...properties } };
  };
  const rule = (Provider: string) => ({
    Conditions: [
      { Result: 'FAIL', Rules: [{ Name: 'Check', RuleTypeId: { Category: 'Rule', Provider } }] },
    ],
  });

  it.each([
    ['a mode that V1 does not have', { ExecutionMode: 'QUEUED' }, build, 'execution mode QUEUED'],
    ['variables in V1', { Variables: [{ Name: 'TAG' }] }, build, 'uses Variables'],
    [
      'stage conditions in V1',
      {},
      { ...build, OnFailure: { Result: 'ROLLBACK' } },
      "stage conditions (in 'Build')",
    ],
    ['a name with a space', {}, { ...build, Name: 'Build it' }, "the name 'Build it'; names have"],
    [
      'an artifact with a dot in its name',
      {},
      { ...build, Actions: [action('b', { OutputArtifacts: [{ Name: 'app.zip' }] })] },
      "the artifact 'app.zip'; names of artifacts have",
    ],
    ['two stages of one name', {}, { ...build, Name: 'Source' }, "two stages named 'Source'"],
    [
      'two actions of one name in a stage',
      {},
      { ...build, Actions: [action('b'), action('b')] },
      "two actions named 'b' in stage 'Build'",
    ],
    [
      'an artifact that two actions make',
      {},
      { ...build, Actions: [action('b', { OutputArtifacts: [{ Name: 'Source' }] })] },
      "makes the artifact 'Source' twice",
    ],
    [
      'a transition into a stage that is not there',
      { DisableInboundStageTransitions: [{ StageName: 'Prod', Reason: '' }] },
      build,
      "disables the transition into no stage, 'Prod'",
    ],
  ])('%s', (_, properties, stage, message) => {
    expect(() => readPipeline(withProperties(properties, stage))).toThrow(message);
  });

  it('an action that reads what an action beside it makes', () => {
    const beside = {
      Name: 'Build',
      Actions: [
        action('one', { OutputArtifacts: [{ Name: 'Out' }] }),
        action('two', { InputArtifacts: [{ Name: 'Out' }] }),
      ],
    };
    expect(() => readPipeline(pipelineOf(source, beside))).toThrow("reads the artifact 'Out'");
  });

  it.each(['CodeBuild', 'ECS'])('a timeout of an action of type %s', (Provider) => {
    const timed = action('Timed', { TimeoutInMinutes: '30' });
    const stage = {
      Name: 'Build',
      Actions: [{ ...timed, ActionTypeId: { ...timed.ActionTypeId, Provider } }],
    };
    expect(() => readPipeline(pipelineOf(source, stage))).toThrow(
      new RegExp(
        `'Timed' of stage 'Build'.*TimeoutInMinutes 30, which only manual approvals take; this is ${Provider}`,
      ),
    );
  });

  it.each([4, 86_401, 5.5])('an approval that waits for %s minutes', (TimeoutInMinutes) => {
    const ActionTypeId = { Category: 'Approval', Owner: 'AWS', Provider: 'Manual', Version: '1' };
    const stage = { Name: 'Approve', Actions: [action('Ask', { ActionTypeId, TimeoutInMinutes })] };
    expect(() => readPipeline(pipelineOf(source, stage))).toThrow(
      /Stages\.1\.Actions\.0\.TimeoutInMinutes/,
    );
  });

  it('and so is, by name, an action in another region', () => {
    const elsewhere = { Name: 'Build', Actions: [action('b', { Region: 'us-east-1' })] };
    expect(() => readPipeline(pipelineOf(source, elsewhere))).toThrow(
      /'b' of stage 'Build'.*runs in us-east-1.*not played/,
    );
  });

  it('and so is, by name, an image for the public registry', () => {
    const ActionTypeId = { Category: 'Build', Owner: 'AWS', Provider: 'ECRBuildAndPublish' };
    const Configuration = { ECRRepositoryName: 'shop', RegistryType: 'public' };
    const publish = { Name: 'Build', Actions: [action('b', { ActionTypeId, Configuration })] };
    expect(() => readPipeline(withProperties({ PipelineType: 'V2' }, publish))).toThrow(
      /'b' of stage 'Build'.*publishes to the public registry.*private repositories are played/,
    );
    expect(() => readPipeline(withProperties({}, publish))).toThrow(
      "uses ECRBuildAndPublish (action 'b'), which pipelines of type V2 have",
    );
  });

  it('and so is, by name, a rule that invokes a function', () => {
    const guarded = { ...build, BeforeEntry: rule('LambdaInvoke') };
    expect(() => readPipeline(withProperties({ PipelineType: 'V2' }, guarded))).toThrow(
      /'Check' of stage 'Build'.*'LambdaInvoke', which is not played/,
    );
  });
});

it('takes equal action names in different stages, and artifact stores by region', () => {
  const { properties, ...resource } = pipelineOf(
    source,
    { Name: 'One', Actions: [action('Deploy')] },
    { Name: 'Two', Actions: [action('Deploy', { Region: 'ap-northeast-2' })] },
  );
  const { ArtifactStore, ...others } = properties;
  const ArtifactStores = [
    { Region: 'us-east-1', ArtifactStore: { Location: 'far' } },
    { Region: 'ap-northeast-2', ArtifactStore },
  ];
  const read = readPipeline({ ...resource, properties: { ...others, ArtifactStores } });
  expect(read.artifactBucket).toBe('bucket');
  expect(read.stages.map(({ name }) => name)).toEqual(['Source', 'One', 'Two']);
});
