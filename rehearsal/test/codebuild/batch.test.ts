import { jest } from '@jest/globals';
import { mkdtempSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzip } from '../../src/archive/zip';
import { type BatchRequest, runBatch } from '../../src/codebuild/batch';
import type { BuildDependencies } from '../../src/codebuild/build';
import { BuildFixture, buildProject } from '../_helpers/build-fixture';
import { policyAuthorizer } from '../_helpers/policy-authorizer';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

const BATCH_ROLE = 'arn:aws:iam::000000000000:role/batch';
const batchProject = (config: object = {}, properties: object = {}) =>
  buildProject({ BuildBatchConfig: { ServiceRole: BATCH_ROLE, ...config }, ...properties });

const batch = (
  files: string | Readonly<Record<string, string>>,
  request: Partial<BatchRequest> = {},
  deps: Partial<BuildDependencies> = {},
) =>
  runBatch(
    {
      project: batchProject(),
      unpackSources: async () => ({
        sourceDirectory: await fixture.source(
          typeof files === 'string' ? { 'buildspec.yml': files } : files,
        ),
      }),
      environmentOverrides: [],
      initiator: 'codepipeline/api',
      artifactDirectory: join(fixture.scratch, 'artifacts'),
      outputs: [],
      combineArtifacts: false,
      ...request,
    },
    { ...fixture.deps, ...deps },
  );

/** The files of an archive, by path. */
const contents = async (archive: string | undefined) => {
  const directory = mkdtempSync(join(fixture.scratch, 'unpacked-'));
  await unzip(archive!, directory);
  const files = (await readdir(directory)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return Object.fromEntries(files.map((file, index) => [file, texts[index]!.trim()]));
};

const LIST = `
version: 0.2
env:
  variables: { SUITE: everything, COLOUR: grey }
phases:
  build:
    commands:
      - test ! -e taken && touch taken
      - echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER builds $SUITE in $COLOUR with $CODEBUILD_BUILD_IMAGE" | tee $CODEBUILD_BATCH_BUILD_IDENTIFIER.txt
      - echo $SUITE > suite.txt
artifacts:
  files: ['*.txt']
  secondary-artifacts:
    docs: { files: suite.txt }
batch:
  build-list:
    - identifier: unit
      env: { variables: { SUITE: unit } }
    - identifier: lint
      buildspec: ci/lint.yml
      env: { image: 'aws/codebuild/standard:7.0' }
`;
const files = {
  'buildspec.yml': LIST,
  'ci/lint.yml': LIST.replace('everything', 'style').replace('- echo $SUITE', '- echo lint'),
};

describe('a batch of builds', () => {
  test('gives each its settings, a source of its own and its artifacts', async () => {
    const result = await batch(files, {
      environmentOverrides: [{ name: 'COLOUR', type: 'PLAINTEXT', value: 'blue' }],
      outputs: ['unit', 'unit_docs', 'lint'],
    });
    expect(result).toMatchObject({ status: 'SUCCEEDED' });
    expect(result.arn).toBe(
      `arn:aws:codebuild:ap-northeast-2:000000000000:build-batch/${result.id}`,
    );
    expect(Object.fromEntries(result.builds)).toEqual({ unit: 'SUCCEEDED', lint: 'SUCCEEDED' });
    const arm = 'aws/codebuild/amazonlinux-aarch64-standard:3.0';
    expect(await contents(result.artifacts['unit'])).toEqual({
      'suite.txt': 'unit',
      'unit.txt': `unit builds unit in blue with ${arm}`,
    });
    expect(await contents(result.artifacts['unit_docs'])).toEqual({ 'suite.txt': 'unit' });
    expect(await contents(result.artifacts['lint'])).toEqual({
      'lint.txt': 'lint builds style in blue with aws/codebuild/standard:7.0',
      'suite.txt': 'lint',
    });
    expect(fixture.openSessions).toBe(0);
    expect(fixture.unproven().join()).not.toContain('batch');
  });

  test('sends the events of its builds, and none of its own', async () => {
    await batch(files);
    const ends = fixture.awsEvents.filter(({ detail }) => detail['build-status'] === 'SUCCEEDED');
    expect(ends.map((event) => event['detail-type'])).toEqual([
      'CodeBuild Build State Change',
      'CodeBuild Build State Change',
    ]);
    expect(new Set(fixture.awsEvents.map((event) => event['detail-type'])).size).toBe(2);
  });

  test('combines the artifacts of all builds into one', async () => {
    const result = await batch(files, { outputs: ['All'], combineArtifacts: true });
    expect(Object.keys(await contents(result.artifacts['All']))).toEqual([
      'lint.txt',
      'suite.txt',
      'unit.txt',
    ]);
    expect(fixture.unproven()).toContainEqual(
      expect.stringContaining('suite.txt is in the artifacts of several builds'),
    );
  });

  test('names an output that is no build of the batch', async () => {
    const result = await batch(files, { outputs: ['Everything'] });
    expect(result).toMatchObject({ status: 'SUCCEEDED', artifacts: {} });
    expect(fixture.unproven()).toContainEqual(
      expect.stringMatching(/output artifact Everything is not made: .*\(unit, lint\)/),
    );
  });

  test('names what AWS does not document about it', async () => {
    const text = JSON.stringify({
      version: '0.2',
      phases: { build: { commands: ['echo $NODE'] } },
      batch: { 'build-matrix': { dynamic: { env: { variables: { NODE: ['20', '22'] } } } } },
    });
    const project = batchProject({}, { Source: { Type: 'CODEPIPELINE', BuildSpec: text } });
    await batch(
      {},
      {
        project,
        environmentOverrides: [{ name: 'NODE', type: 'PLAINTEXT', value: '18' }],
      },
    );
    expect(fixture.log).toEqual(expect.arrayContaining(['20', '22']));
    for (const part of ['cannot unmarshal !!str `0.2`', 'build0, build1', 'the variable NODE']) {
      expect(fixture.unproven()).toContainEqual(expect.stringContaining(part));
    }
  });
});

const GRAPH = `
version: 0.2
phases:
  build:
    commands: ['echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER"', 'test "$RESULT" != red']
batch:
  build-graph:
    - identifier: last
      depend-on: [first]
    - identifier: first
      env: { variables: { RESULT: green } }
`;

describe('a batch whose builds depend on each other', () => {
  test('keeps their order', async () => {
    expect(await batch(GRAPH)).toMatchObject({ status: 'SUCCEEDED' });
    expect(fixture.log.filter((line) => ['first', 'last'].includes(line))).toEqual([
      'first',
      'last',
    ]);
  });

  test('fails with the build that failed, and starts none that depends on it', async () => {
    const result = await batch(GRAPH.replace('green', 'red'), { outputs: ['first', 'last'] });
    expect(result).toMatchObject({ status: 'FAILED', artifacts: {} });
    expect(result.failure).toMatch(
      /^Batch build terminated with state: FAILED\. first: .*Phase: BUILD, Code: COMMAND_EXECUTION_ERROR.*; not started: last$/,
    );
    expect(fixture.unproven()).toContainEqual(expect.stringContaining('not started (last)'));
  });

  test('can succeed without a build whose failure is ignored', async () => {
    const result = await batch(
      GRAPH.replace('green }', 'red }').replace(
        'identifier: first',
        '$&\n      ignore-failure: true',
      ),
    );
    expect(result.status).toBe('SUCCEEDED');
    expect(Object.fromEntries(result.builds)).toEqual({ first: 'FAILED', last: 'SUCCEEDED' });
  });
});

const SLOW = `
version: 0.2
phases: { build: { commands: ['echo started; sleep 300'] } }
batch: { build-list: [{ identifier: slow }] }
`;

describe('a batch that does not come to its end', () => {
  test('is stopped with its builds', async () => {
    const running = batch(SLOW);
    await fixture.logged('started');
    fixture.stop.abort();
    const result = await running;
    expect(result.status).toBe('STOPPED');
    expect(result.builds.get('slow')).toBe('STOPPED');
  });

  test('is timed out when it takes longer than the project allows', async () => {
    const running = batch(SLOW, { project: batchProject({ TimeoutInMins: 10 }) });
    await fixture.logged('started');
    await fixture.clock.advance(10 * 60_000);
    expect(await running).toMatchObject({ status: 'TIMED_OUT' });
  });

  test.each([
    ['no batch', 'version: 0.2\nphases: { build: { commands: [ls] } }', {}, 'YAML_FILE_ERROR'],
    ['an unknown key', LIST.replace('build-list', 'builds'), {}, "unknown key 'batch.builds'"],
    ['too many builds', LIST, { Restrictions: { MaximumBuildsAllowed: 1 } }, 'allows 1'],
    ['no role', LIST, { ServiceRole: undefined }, 'BuildBatchConfig with a ServiceRole'],
  ])('does not begin with %s', async (_, buildspec, config, message) => {
    const result = await batch(buildspec, { project: batchProject(config) });
    expect(result.status).toBe('FAILED');
    expect(result.failure).toContain(message);
    expect(fixture.log).toEqual([]);
  });

  test('fails when its role may not start builds', async () => {
    const authorizer = policyAuthorizer(['codebuild:StartBuild']);
    const result = await batch(LIST, {}, { authorizer });
    expect(result.failure).toContain('not authorized to perform: codebuild:StartBuild');
    expect(authorizer.requests).toContainEqual(
      expect.objectContaining({
        caller: expect.objectContaining({ roleArn: BATCH_ROLE }) as object,
        resource: batchProject().arn,
      }),
    );
  });
});
