import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { ProjectBuilds } from '../../src/codebuild/project-builds';
import { readBuildProject } from '../../src/codebuild/project-definition';
import type { PipelineSource } from '../../src/codepipeline/pipeline-source';
import { EventBus } from '../../src/eventbridge/event-bus';
import { COMMITTER_ENVIRONMENT, Git } from '../../src/github/git';
import { AccessControl } from '../../src/iam/access-control';
import { childEnvironment } from '../../src/process/child-environment';
import { SourceHosts } from '../../src/source-hosts';
import { Queues } from '../../src/sqs/queues';
import { BuildFixture } from '../_helpers/build-fixture';
import { deployTemplate } from '../cloudformation/deploy-template';

// git and shells, on a machine that may be busy.
jest.setTimeout(60_000);

const PLACE = 'ap-northeast-2:000000000000';
const URL = 'https://git-codecommit.ap-northeast-2.amazonaws.com/v1/repos';
const BUILDSPEC = `version: 0.2
phases:
  build:
    commands:
      - echo "$CODEBUILD_INITIATOR builds $(cat order.txt) for $CUSTOMER, $CODEBUILD_SOURCE_VERSION"
      - '[ "$(cat order.txt)" != bad ]'
`;

const role = (service: string, ...actions: readonly string[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: 'all',
        PolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: ['logs:*', ...actions], Resource: '*' }],
        },
      },
    ],
  },
});

interface Setup {
  /** @default CodeCommit */
  readonly source?: PipelineSource;
  readonly target?: Record<string, unknown>;
  readonly project?: Record<string, unknown>;
  readonly rule?: readonly string[];
  readonly build?: readonly string[];
}

/** What the CDK makes of `repository.onCommit(…, { target: new CodeBuildProject(project) })`. */
const template = ({ target, project, rule, build }: Setup) => ({
  Resources: {
    RuleRole: role('events.amazonaws.com', ...(rule ?? ['codebuild:StartBuild'])),
    BuildRole: role('codebuild.amazonaws.com', ...(build ?? ['codecommit:GitPull'])),
    Project: {
      Type: 'AWS::CodeBuild::Project',
      Properties: {
        Name: 'check',
        ServiceRole: { 'Fn::GetAtt': ['BuildRole', 'Arn'] },
        Environment: {
          Type: 'LINUX_CONTAINER',
          ComputeType: 'BUILD_GENERAL1_SMALL',
          Image: 'aws/codebuild/standard:7.0',
          EnvironmentVariables: [{ Name: 'CUSTOMER', Value: 'nobody' }],
        },
        Source: { Type: 'CODECOMMIT', Location: `${URL}/orders`, BuildSpec: BUILDSPEC },
        Artifacts: { Type: 'NO_ARTIFACTS' },
        ...project,
      },
    },
    OnCommit: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'on-commit',
        EventPattern: { source: ['aws.codecommit'] },
        Targets: [
          {
            Id: 'Target0',
            Arn: { 'Fn::GetAtt': ['Project', 'Arn'] },
            RoleArn: { 'Fn::GetAtt': ['RuleRole', 'Arn'] },
            ...target,
          },
        ],
      },
    },
  },
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(setup: Setup = {}) {
  const fixture = await BuildFixture.create();
  const { scratch, clock, recorded } = fixture;
  ends.push(() => fixture.remove());
  const resources = new DeployedStacks([
    deployTemplate(template(setup), { region: 'ap-northeast-2' }),
  ]);
  const gitEnvironment = childEnvironment(process.env, scratch, COMMITTER_ENVIRONMENT);
  const sources = await SourceHosts.start(
    setup.source ?? { provider: 'CodeCommit', repository: 'orders', branch: 'main' },
    {
      ...{ directory: scratch, gitEnvironment, token: '', clock, events: recorded.stream },
      ...{ account: '000000000000', region: 'ap-northeast-2', resources },
    },
  );
  const authorizer = new AccessControl(resources);
  const unplayed: string[] = [];
  await mkdir(fixture.deps.runDirectory);
  const builds = new ProjectBuilds({
    projects: resources.ofType('AWS::CodeBuild::Project').map(readBuildProject),
    access: authorizer,
    build: { ...fixture.deps, authorizer },
    sources,
    onUnproven: (sentence) => unplayed.push(sentence),
  });
  const dependencies = { clock, events: recorded.stream, authorizer };
  const bus = EventBus.start(resources, {
    ...dependencies,
    queues: new Queues(resources, dependencies),
    targets: new Map([['codebuild', (call) => builds.start(call)]]),
  });
  ends.push(
    () => sources.close(),
    () => bus.close(),
    () => builds.close(),
  );
  const work = new Git(join(scratch, 'work'), gitEnvironment);
  await mkdir(work.directory);
  await work.run('init', '--quiet', '--initial-branch=main');
  await work.run('remote', 'add', 'origin', sources.remote);
  const push = async (text: string) => {
    writeFileSync(join(work.directory, 'order.txt'), text);
    await work.run('add', '.');
    await work.run('commit', '--quiet', '-m', text);
    return sources.push(work, 'main');
  };
  return { fixture, builds, bus, push, unplayed };
}

test('a push starts a build of the project’s own source, and its end is known', async () => {
  const { fixture, builds, push } = await start();
  await push('two pizzas');
  await builds.settled();

  expect(builds.all).toMatchObject([
    {
      project: 'check',
      rule: `arn:aws:events:${PLACE}:rule/on-commit`,
      status: 'SUCCEEDED',
      summary: '',
    },
  ]);
  expect(builds.all[0]?.finishedAt).not.toBeNull();
  expect(fixture.log).toContain('rule/on-commit builds two pizzas for nobody, ');
});

test('a build that fails says why', async () => {
  const { builds, push } = await start();
  await push('bad');
  await builds.settled();

  expect(builds.all).toMatchObject([
    { status: 'FAILED', summary: expect.stringContaining('Phase: BUILD') as string },
  ]);
});

test('an input transformer chooses the commit and the variables of the build', async () => {
  const { fixture, builds, push } = await start({
    target: {
      InputTransformer: {
        InputPathsMap: { before: '$.detail.oldCommitId', branch: '$.detail.referenceName' },
        InputTemplate:
          '{"sourceVersion": <before>, "environmentVariablesOverride": [{"name": "CUSTOMER", "value": <branch>}]}',
      },
    },
  });
  const first = await push('first');
  await builds.settled();
  await push('second');
  await builds.settled();

  expect(fixture.log).toContain(`rule/on-commit builds first for main, ${first}`);
});

test('the project’s source version is built where the rule names none', async () => {
  const { builds, push } = await start({ project: { SourceVersion: 'v9' } });
  await push('x');
  await builds.settled();

  expect(builds.all).toMatchObject([
    { status: 'FAILED', summary: expect.stringContaining('source version v9') as string },
  ]);
});

test('a repository at GitHub is built too, and that it takes credentials is named', async () => {
  const { fixture, builds, push, unplayed } = await start({
    source: { provider: 'GitHub', owner: 'acme', repository: 'orders', branch: 'main' },
    project: {
      Source: {
        Type: 'GITHUB',
        Location: 'https://github.com/acme/orders.git',
        BuildSpec: BUILDSPEC,
      },
    },
  });
  await push('three pizzas');
  fixture.recorded.stream.emit({
    ...{ kind: 'aws', source: 'aws.codecommit', 'detail-type': 'any', resources: [], detail: {} },
    ...{ account: '000000000000', region: 'ap-northeast-2', time: '2026-01-01T00:00:00Z' },
  });
  await builds.settled();

  expect(builds.all).toMatchObject([{ status: 'SUCCEEDED' }]);
  expect(unplayed).toEqual([expect.stringContaining('credentials for https://github.com/acme')]);
});

test('a build that lasts longer than the rule allows is stopped', async () => {
  const { fixture, builds, push } = await start({
    target: {
      Input: JSON.stringify({
        timeoutInMinutesOverride: 5,
        buildspecOverride:
          'version: 0.2\nphases:\n  build:\n    commands: [echo here, "sleep 600"]',
      }),
    },
  });
  await push('x');
  await fixture.logged('here');
  await fixture.clock.advance(5 * 60_000);
  await builds.settled();

  expect(builds.all).toMatchObject([{ status: 'TIMED_OUT' }]);
});

test('a build that still runs is stopped with the rehearsal', async () => {
  const { fixture, builds, push } = await start({
    project: {
      Source: {
        Type: 'NO_SOURCE',
        BuildSpec: 'version: 0.2\nphases:\n  build:\n    commands: [echo here, "sleep 600"]',
      },
    },
  });
  await push('x');
  await fixture.logged('here');
  expect(builds.all).toMatchObject([{ status: 'IN_PROGRESS', finishedAt: null }]);
  await builds.close();

  expect(builds.all).toMatchObject([{ status: 'STOPPED' }]);
});

describe('no build is started', () => {
  test.each<[string, Setup, string]>([
    ['by a role without codebuild:StartBuild', { rule: [] }, 'codebuild:StartBuild'],
    [
      'of a project whose source is a pipeline',
      { project: { Source: { Type: 'CODEPIPELINE' }, Artifacts: { Type: 'CODEPIPELINE' } } },
      'only a pipeline can build it',
    ],
    ['with an input that is no object', { target: { Input: '"build"' } }, 'takes a JSON object'],
    [
      'with a parameter that CodeBuild does not take',
      { target: { Input: '{"timeoutInMinutesOverride": 1}' } },
      'timeoutInMinutesOverride',
    ],
    ['by a target without a role', { target: { RoleArn: undefined } }, 'give the target a RoleArn'],
    [
      'of a project that is not there',
      { target: { Arn: `arn:aws:codebuild:${PLACE}:project/other` } },
      'no such project',
    ],
  ])('%s, and the event is lost', async (_, setup, reason) => {
    const { builds, bus, push } = await start(setup);
    await push('x');

    expect(builds.all).toEqual([]);
    expect(bus.undelivered).toMatchObject([{ reason: expect.stringContaining(reason) as string }]);
  });

  test.each<[string, Setup, string]>([
    [
      'another repository',
      { project: { Source: { Type: 'GITHUB', Location: 'https://github.com/acme/orders.git' } } },
      'is not the repository of this rehearsal',
    ],
    ['an override', { target: { Input: '{"imageOverride": "x"}' } }, 'imageOverride'],
    ['artifacts in S3', { project: { Artifacts: { Type: 'S3' } } }, 'artifacts of the type S3'],
  ])('for %s, which is named as not played', async (_, setup, text) => {
    const { builds, bus, push, unplayed } = await start(setup);
    await push('x');

    expect(builds.all).toEqual([]);
    expect(bus.undelivered).toEqual([]);
    expect(unplayed).toEqual([expect.stringContaining(text)]);
  });
});

test('a project whose role may not pull fails as it downloads its source', async () => {
  const { builds, push } = await start({ build: [] });
  await push('x');
  await builds.settled();

  expect(builds.all).toMatchObject([
    {
      status: 'FAILED',
      summary: expect.stringMatching(/Phase: DOWNLOAD_SOURCE.*codecommit:GitPull/) as string,
    },
  ]);
});
