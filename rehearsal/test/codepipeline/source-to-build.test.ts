import { jest } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codebuildBuildAction } from '../../src/codepipeline/actions/codebuild-build-action';
import {
  connectionSourceAction,
  githubSourceAction,
} from '../../src/codepipeline/actions/source-action';
import { ArtifactStore } from '../../src/codepipeline/artifact-store';
import { Pipeline } from '../../src/codepipeline/pipeline';
import { readPipeline } from '../../src/codepipeline/pipeline-definition';
import type { StartRequest } from '../../src/codepipeline/start-request';
import { Git } from '../../src/github/git';
import { GitHub } from '../../src/github/github';
import { childEnvironment } from '../../src/process/child-environment';
import { BuildFixture, buildProject } from '../_helpers/build-fixture';
import { deployedResource } from '../_helpers/deployed-resource';
import { policyAuthorizer } from '../_helpers/policy-authorizer';

// git, shells and zip files, on a machine that may be busy.
jest.setTimeout(60_000);

const CONNECTION = 'arn:aws:codeconnections:ap-northeast-2:000000000000:connection/one';
const CONNECTION_SOURCE = {
  type: { Category: 'Source', Owner: 'AWS', Provider: 'CodeStarSourceConnection', Version: '1' },
  configuration: {
    ConnectionArn: CONNECTION,
    FullRepositoryId: 'octo/app',
    BranchName: 'main',
  },
};

const COMMITTER = {
  GIT_AUTHOR_NAME: 'Me',
  GIT_AUTHOR_EMAIL: 'me@example.com',
  GIT_COMMITTER_NAME: 'Me',
  GIT_COMMITTER_EMAIL: 'me@example.com',
};

let fixture: BuildFixture;
let github: GitHub;
let work: Git;
beforeEach(async () => {
  fixture = await BuildFixture.create();
  const gitEnvironment = childEnvironment(process.env, fixture.scratch, COMMITTER);
  github = await GitHub.start({
    owner: 'octo',
    repository: 'app',
    directory: fixture.scratch,
    token: 'ghp_secret',
    gitEnvironment,
  });
  work = new Git(join(fixture.scratch, 'work'), gitEnvironment);
  mkdirSync(work.directory);
  await work.run('init', '--quiet', '--initial-branch=main');
});
afterEach(async () => {
  await github.close();
  await fixture.remove();
});

const push = async (buildspec: string, ref = 'main') => {
  writeFileSync(join(work.directory, 'buildspec.yml'), buildspec);
  await work.run('add', '.');
  await work.run('commit', '--quiet', '--allow-empty', '-m', 'Say it');
  await work.run('push', '--quiet', github.remote, `HEAD:${ref}`);
  return work.run('rev-parse', 'HEAD');
};

interface Setup {
  readonly source?: typeof CONNECTION_SOURCE;
  readonly sourceConfiguration?: Record<string, string>;
  readonly project?: Record<string, unknown>;
  readonly build?: Record<string, unknown>;
  readonly denied?: readonly string[];
  readonly request?: Partial<StartRequest>;
}

/** Source, then build, through the real actions. */
async function release(setup: Setup = {}) {
  const authorizer = policyAuthorizer(setup.denied);
  const { type, configuration } = setup.source ?? CONNECTION_SOURCE;
  const action = (Name: string, ActionTypeId: unknown, properties: object) => ({
    Name,
    ActionTypeId,
    ...properties,
  });
  const stage = (Name: string, ...Actions: object[]) => ({ Name, Actions });
  const fetch = (name: string, output: string) =>
    action(name, type, {
      OutputArtifacts: [{ Name: output }],
      Configuration: { ...configuration, ...setup.sourceConfiguration },
      Namespace: name,
    });
  const definition = readPipeline(
    deployedResource('AWS::CodePipeline::Pipeline', {
      RoleArn: 'arn:aws:iam::000000000000:role/pipeline',
      ArtifactStore: { Location: 'artifacts' },
      Stages: [
        stage('Source', fetch('Source', 'Code'), fetch('Other', 'More')),
        stage(
          'Build',
          action(
            'Build',
            { Category: 'Build', Owner: 'AWS', Provider: 'CodeBuild', Version: '1' },
            {
              InputArtifacts: [{ Name: 'Code' }],
              Configuration: { ProjectName: 'api-build' },
              ...setup.build,
            },
          ),
        ),
      ],
    }),
  );
  const build = codebuildBuildAction({
    projects: [buildProject(setup.project)],
    access: {
      authorize: (request) => authorizer.authorize(request),
      assumeRole: () => ({ allowed: true }),
    },
    clone: (reference, directory) => github.clone(reference, directory),
    build: fixture.deps,
  });
  const pipeline = new Pipeline(definition, {
    clock: fixture.clock,
    events: fixture.recorded.stream,
    authorizer,
    artifacts: new ArtifactStore(join(fixture.scratch, 'artifacts'), authorizer),
    runners: new Map([
      ['Source/ThirdParty/GitHub/1', githubSourceAction(github)],
      ['Source/AWS/CodeStarSourceConnection/1', connectionSourceAction(github, authorizer)],
      ['Build/AWS/CodeBuild/1', build],
    ]),
  });
  const { execution, finished } = pipeline.start({
    triggerType: 'StartPipelineExecution',
    triggerDetail: '',
    ...setup.request,
  });
  await finished;
  const [source] = execution.stages[0]?.actions ?? [];
  const [built] = execution.stages[1]?.actions ?? [];
  const store = join(fixture.scratch, 'artifacts', definition.name, execution.id);
  const artifacts = () => readdirSync(store).filter((name) => name.endsWith('.zip'));
  return { execution, source, built, authorizer, artifacts };
}

const say = (...commands: string[]) =>
  JSON.stringify({ version: '0.2', phases: { build: { commands } } });

describe('a source through a connection', () => {
  it('hands CodeBuild the files of the commit, without its history', async () => {
    const commit = await push(say('ls -a', 'git log || echo no history'));
    const { execution, built } = await release();
    expect(execution).toMatchObject({ status: 'Succeeded', commit });
    expect(built?.summary).toMatch(/^Build api-build:\S+ succeeded$/);
    expect(fixture.log).toContain('no history');
  });

  it('as a clone reference hands it the repository with its history, and no remote', async () => {
    const first = await push(say('echo first'));
    const commit = await push(say('git rev-list HEAD', 'git remote | wc -l'));
    const { execution, authorizer } = await release({
      sourceConfiguration: { OutputArtifactFormat: 'CODEBUILD_CLONE_REF' },
    });
    expect(execution).toMatchObject({ status: 'Succeeded', commit });
    expect(fixture.log).toEqual(expect.arrayContaining([commit, first]));
    const asBuild = authorizer.requests.filter(
      ({ action, caller }) =>
        action === 'codeconnections:UseConnection' &&
        caller.kind === 'role' &&
        caller.roleArn.endsWith('role/build'),
    );
    expect(asBuild).toMatchObject([{ resource: CONNECTION }]);
  });

  it('fails when the pipeline’s role may not use the connection', async () => {
    await push(say('true'));
    const { source } = await release({ denied: ['codeconnections:UseConnection'] });
    expect(source).toMatchObject({
      status: 'Failed',
      summary: expect.stringContaining('codeconnections:UseConnection') as string,
    });
  });

  it('releases the branch and commit that a trigger asks for', async () => {
    await push(say('echo main'));
    const commit = await push(say('echo next $CODEBUILD_RESOLVED_SOURCE_VERSION'), 'next');
    const { execution, source } = await release({
      request: { sourceRevisions: [{ actionName: 'Source', commit, branch: 'next' }] },
    });
    expect(execution.commit).toBe(commit);
    expect(source?.status).toBe('Succeeded');
    expect(fixture.log).toContain(`next ${commit}`);
  });

  it('gives later actions the output variables that AWS documents', async () => {
    const commit = await push(say('echo "$ALL"'));
    const names = ['CommitId', 'CommitMessage', 'BranchName', 'FullRepositoryName'];
    const value = [...names, 'ConnectionArn', 'AuthorDate']
      .map((name) => `#{Source.${name}}`)
      .join(' ');
    const EnvironmentVariables = JSON.stringify([{ name: 'ALL', value }]);
    await release({ build: { Configuration: { ProjectName: 'api-build', EnvironmentVariables } } });
    const line = `${commit} Say it main octo/app ${CONNECTION} `;
    const said = fixture.log.find((text) => text.startsWith(line));
    expect(said?.slice(line.length)).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it.each([
    ['a branch that is not there', { BranchName: 'none' }, 'The branch "none" does not exist'],
    ['a repository that is not there', { FullRepositoryId: 'octo/web' }, 'repository "web"'],
  ])('fails for %s', async (_, sourceConfiguration, text) => {
    await push(say('true'));
    const { source } = await release({ sourceConfiguration });
    expect(source).toMatchObject({ status: 'Failed' });
    expect(source?.summary).toContain(text);
  });
});

describe('a build in a pipeline', () => {
  it('takes the pipeline’s source, whatever source the project has', async () => {
    await push(say('echo from the pipeline'));
    const project = {
      Source: { Type: 'GITHUB', Location: 'https://github.com/else/where.git' },
    };
    expect((await release({ project })).execution.status).toBe('Succeeded');
    expect(fixture.log).toContain('from the pipeline');
  });

  it('takes a buildspec that is JSON text in the template', async () => {
    await push(say('echo from the file'));
    const project = { Source: { Type: 'CODEPIPELINE', BuildSpec: say('echo from the text') } };
    await release({ project });
    expect(fixture.log).toContain('from the text');
  });

  it('gets the variables of the action, with those of earlier actions in them', async () => {
    const commit = await push(say('echo "got $WHAT"'));
    const EnvironmentVariables = JSON.stringify([{ name: 'WHAT', value: '#{Source.CommitId}' }]);
    await release({
      build: { Configuration: { ProjectName: 'api-build', EnvironmentVariables } },
    });
    expect(fixture.log).toContain(`got ${commit}`);
  });

  it('finds further inputs by their names, and hands on several artifacts', async () => {
    await push(
      JSON.stringify({
        version: '0.2',
        phases: { build: { commands: ['cat "$CODEBUILD_SRC_DIR_More/buildspec.yml"'] } },
        artifacts: {
          files: ['*'],
          'secondary-artifacts': { One: { files: ['*'] }, Two: { files: ['buildspec.yml'] } },
        },
      }),
    );
    const { execution, artifacts } = await release({
      build: {
        InputArtifacts: [{ Name: 'Code' }, { Name: 'More' }],
        OutputArtifacts: [{ Name: 'One' }, { Name: 'Two' }],
        Configuration: { ProjectName: 'api-build', PrimarySource: 'Code' },
      },
    });
    expect(execution.status).toBe('Succeeded');
    expect(artifacts().sort()).toEqual(['Code.zip', 'More.zip', 'One.zip', 'Two.zip']);
  });

  it('of several sources knows the commit of the one it builds', async () => {
    const commit = await push(say('echo "$CODEBUILD_RESOLVED_SOURCE_VERSION"'));
    const other = await push(say('true'));
    const { execution } = await release({
      request: { sourceRevisions: [{ actionName: 'Other', commit }] },
      build: { InputArtifacts: [{ Name: 'More' }] },
    });
    expect(execution.commit).toBe(other);
    expect(fixture.log).toContain(commit);
  });

  it('fails with the phase, code and message of CodeBuild', async () => {
    await push(say('exit 3'));
    const { built } = await release();
    expect(built?.summary).toBe(
      'Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: Error while executing command: exit 3. Reason: exit status 3',
    );
  });

  it.each([
    ['start builds', 'codebuild:StartBuild'],
    ['read builds', 'codebuild:BatchGetBuilds'],
  ])('fails when the action’s role may not %s', async (_, call) => {
    await push(say('true'));
    expect((await release({ denied: [call] })).built?.summary).toContain(call);
  });

  it.each([
    ['a project that is not there', { ProjectName: 'nobody' }, 'The project nobody does not exist'],
    [
      'variables that are no JSON list',
      { ProjectName: 'api-build', EnvironmentVariables: '{}' },
      "EnvironmentVariables of action 'Build' is not a JSON list",
    ],
  ])('fails for %s', async (_, Configuration, text) => {
    await push(say('true'));
    expect((await release({ build: { Configuration } })).built?.summary).toContain(text);
  });

  it('with several inputs needs to be told which of them is its source', async () => {
    const InputArtifacts = [{ Name: 'Code' }, { Name: 'More' }];
    await expect(release({ build: { InputArtifacts } })).rejects.toThrow('no PrimarySource');
    const Configuration = { ProjectName: 'api-build', PrimarySource: 'Other' };
    await expect(release({ build: { InputArtifacts, Configuration } })).rejects.toThrow(
      "PrimarySource 'Other', which is none of its input artifacts",
    );
  });
});

describe('a build action that starts a batch', () => {
  const BATCH = `
version: 0.2
batch: { build-list: [{ identifier: unit }, { identifier: lint }] }
phases: { build: { commands: ['echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER" > name.txt'] } }
artifacts: { files: name.txt }
`;
  const project = {
    BuildBatchConfig: { ServiceRole: 'arn:aws:iam::000000000000:role/batch' },
  };
  const build = (configuration: Record<string, string> = {}, ...outputs: string[]) => ({
    OutputArtifacts: outputs.map((Name) => ({ Name })),
    Configuration: { ProjectName: 'api-build', BatchEnabled: 'true', ...configuration },
  });
  it('hands on the artifacts of its builds, by their identifiers', async () => {
    await push(BATCH);
    const { artifacts, built } = await release({ project, build: build({}, 'unit', 'lint') });
    expect(built).toMatchObject({ status: 'Succeeded' });
    expect(built?.summary).toMatch(/^Batch build api-build:\S+ succeeded: (unit|lint) SUCCEEDED/);
    expect(artifacts()).toEqual(expect.arrayContaining(['unit.zip', 'lint.zip']));
  });

  it('hands on one artifact with the files of all builds', async () => {
    await push(BATCH);
    const combined = build({ CombineArtifacts: 'true' }, 'All');
    const { artifacts, built } = await release({ project, build: combined });
    expect(built).toMatchObject({ status: 'Succeeded' });
    expect(artifacts()).toContain('All.zip');
  });

  it('fails when one of them fails', async () => {
    await push(BATCH.replace('echo', 'exit 3; echo'));
    const { built } = await release({ project, build: build() });
    expect(built).toMatchObject({ status: 'Failed' });
    expect(built?.summary).toMatch(/^Batch build terminated with state: FAILED\. unit: .*; lint: /);
  });

  it.each(['codebuild:StartBuildBatch', 'codebuild:BatchGetBuildBatches'])(
    'needs %s',
    async (call) => {
      await push(BATCH);
      const { built } = await release({ project, build: build(), denied: [call] });
      expect(built?.summary).toContain(`is not authorized to perform: ${call} on`);
    },
  );

  it('needs a project with a role for batches', async () => {
    await push(BATCH);
    expect((await release({ build: build() })).built?.summary).toContain(
      'The project api-build has no role that may start the builds of a batch',
    );
  });

  it.each([
    ['without BatchEnabled', build({ BatchEnabled: 'false', CombineArtifacts: 'true' }, 'All')],
    ['and 2 output artifacts (One, Two)', build({ CombineArtifacts: 'true' }, 'One', 'Two')],
  ])('cannot combine artifacts %s', async (problem, action) => {
    await expect(release({ project, build: action })).rejects.toThrow(
      `has CombineArtifacts ${problem}`,
    );
  });
});

it('the secret token of the source opens the repository, and a wrong one does not', async () => {
  await push(say('true'));
  const source = {
    type: { Category: 'Source', Owner: 'ThirdParty', Provider: 'GitHub', Version: '1' },
    configuration: { Owner: 'octo', Repo: 'app', Branch: 'main', OAuthToken: 'ghp_secret' },
  } as unknown as typeof CONNECTION_SOURCE;
  expect((await release({ source })).execution.status).toBe('Succeeded');
  const failed = await release({ source, sourceConfiguration: { OAuthToken: 'ghp_old' } });
  expect(failed.source?.summary).toContain('The access token might be invalid');
});

it('the files of a source are those of the commit, byte for byte', async () => {
  await push(say('cp buildspec.yml /tmp/../"$CODEBUILD_SRC_DIR"/copy.yml', 'cat copy.yml'));
  await release();
  const text = readFileSync(join(work.directory, 'buildspec.yml'), 'utf8');
  expect(fixture.log).toContain(text);
});
