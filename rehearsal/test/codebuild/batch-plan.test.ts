import { batchBuilds, brokenRestriction, projectOfBuild } from '../../src/codebuild/batch-plan';
import { wantedArtifacts } from '../../src/codebuild/batch-artifacts';
import { parseBatchspec } from '../../src/codebuild/buildspec';
import { buildProject } from '../_helpers/build-fixture';

const buildspec = (batch: string) => `version: 0.2
phases:
  build: { commands: ['true'] }
batch:
${batch.replace(/^/gm, '  ')}
`;
const buildsOf = (batch: string) => batchBuilds(parseBatchspec(buildspec(batch)).batch);

describe('the batch of a buildspec', () => {
  test('is a list of builds, each with what it changes', () => {
    const [unit, lint] = buildsOf(`
fast-fail: yes
build-list:
  - identifier: unit
    debug-session: true
    env:
      compute-type: BUILD_GENERAL1_LARGE
      image: aws/codebuild/standard:7.0
      privileged-mode: false
      type: LINUX_CONTAINER
      variables: { SUITE: unit, SHARDS: 3 }
  - identifier: lint
    buildspec: lint.yml
    ignore-failure: true`);
    expect(unit).toEqual({
      identifier: 'unit',
      buildspec: undefined,
      environment: {
        type: 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_LARGE',
        image: 'aws/codebuild/standard:7.0',
        privilegedMode: false,
      },
      variables: { SUITE: 'unit', SHARDS: '3' },
      dependsOn: [],
      ignoreFailure: false,
    });
    expect(lint).toMatchObject({ buildspec: 'lint.yml', ignoreFailure: true, variables: {} });
    expect(projectOfBuild(buildProject(), unit!).environment).toMatchObject({
      image: 'aws/codebuild/standard:7.0',
      privilegedMode: false,
      computeType: 'BUILD_GENERAL1_LARGE',
    });
    expect(projectOfBuild(buildProject(), lint!)).toEqual(buildProject());
  });

  test('is a graph of builds that depend on others', () => {
    const builds = buildsOf(`
build-graph:
  - identifier: arm
  - identifier: intel
  - identifier: manifest
    depend-on: [arm, intel]`);
    expect(builds.map(({ dependsOn }) => dependsOn)).toEqual([[], [], ['arm', 'intel']]);
  });

  test('is a matrix: every buildspec with every image and value', () => {
    const builds = buildsOf(`
build-matrix:
  static:
    ignore-failure: true
    env: { type: LINUX_CONTAINER, privileged-mode: true, variables: { CI: 1 } }
  dynamic:
    buildspec: [one.yml, two.yml]
    env:
      image: aws/codebuild/standard:7.0
      variables: { NODE: [20, 22, 24] }`);
    expect(builds.map(({ buildspec: file, variables }) => [file, variables['NODE']])).toEqual([
      ['one.yml', '20'],
      ['one.yml', '22'],
      ['one.yml', '24'],
      ['two.yml', '20'],
      ['two.yml', '22'],
      ['two.yml', '24'],
    ]);
    expect(new Set(builds.map(({ identifier }) => identifier)).size).toBe(6);
    for (const { environment, ignoreFailure, variables } of builds) {
      expect(environment).toEqual({
        type: 'LINUX_CONTAINER',
        computeType: undefined,
        image: 'aws/codebuild/standard:7.0',
        privilegedMode: true,
      });
      expect(ignoreFailure).toBe(true);
      expect(variables['CI']).toBe('1');
    }
  });

  test('names the builds of a list that have no name', () => {
    const builds = buildsOf('build-list:\n  - {}\n  - identifier: build0');
    expect(builds.map(({ identifier }) => identifier)).toEqual(['build0_', 'build0']);
  });

  test.each([
    ['fast-fail: true', 'batch: expected one of build-graph, build-list'],
    ['build-list: [{ identifier: a }]\nbuild-graph: [{ identifier: a }]', 'found 2 at line 5'],
    ['build-list: []', 'batch.build-list: expected at least one build at line 5'],
    ['build-list: [{ identifier: a, retries: 2 }]', "unknown key 'batch.build-list.0.retries'"],
    [
      'build-list:\n  - identifier: a\n    depend-on: [b]',
      "'batch.build-list.0.depend-on' at line 7",
    ],
    ['build-list: [{ identifier: a, env: { image: [x] } }]', 'found subkeys instead at line 5'],
    ['build-list:\n  - identifier: a\n  - identifier: a', "two builds are named 'a' at line 7"],
    ['build-graph: [{ buildspec: a.yml }]', 'to be of string type: found nothing at line 5'],
    [
      'build-graph:\n  - identifier: a\n    depend-on: [b]',
      "batch.build-graph.0.depend-on.0: no build is named 'b' at line 7",
    ],
    [
      'build-graph:\n  - identifier: a\n    depend-on: [b]\n  - identifier: b\n    depend-on: a',
      "batch.build-graph.0.depend-on: 'a' would wait for itself, or for builds that do, and so would 1 more at line 7",
    ],
    ['build-list: [{ identifier: a, ignore-failure: maybe }]', 'expected yes or no at line 5'],
  ])('that is wrong is no buildspec: %s', (batch, message) => {
    expect(() => buildsOf(batch)).toThrow(message);
  });

  test('is missing in a buildspec without one', () => {
    const text = 'version: 0.2\nphases: { build: { commands: [ls] } }';
    expect(() => parseBatchspec(text)).toThrow("has no 'batch'");
  });

  test.each([
    ['build-fanout: { parallelism: 5 }', /batch\.build-fanout.*codebuild-tests-run/],
    ['build-list: [{ identifier: a, env: { fleet: fast } }]', /the fleet 'fast'/],
    [
      `build-matrix: { dynamic: { env: { variables: { ${['A', 'B', 'C', 'D']
        .map((name) => `${name}: [${Array.from({ length: 100 }, (_, at) => at).join(',')}]`)
        .join(', ')} } } } }`,
      /100000000 builds/,
    ],
  ])('that is not played is refused by name: %.60s', (batch, message) => {
    expect(() => buildsOf(batch)).toThrow(message);
    expect(() => buildsOf(batch)).toThrow(
      expect.objectContaining({ code: 'BuildspecNotPlayed' }) as Error,
    );
  });

  test('of thousands of builds is refused, in a circle or not', () => {
    const names = Array.from({ length: 2_000 }, (_, at) => `b${at}`);
    const graph = names.map(
      (name, at) => `{identifier: ${name}, depend-on: [b${(at + 1) % 2_000}]}`,
    );
    expect(() => buildsOf(`build-graph: [${graph.join(', ')}]`)).toThrow('so would 1999 more');
    const list = names.map((identifier) => `{identifier: ${identifier}}`);
    expect(() => buildsOf(`build-list: [${list.join(', ')}]`)).toThrow('2000 builds');
  });

  test('runs in Linux containers alone', () => {
    const [build] = buildsOf('build-list: [{ identifier: win, env: { type: WINDOWS_CONTAINER } }]');
    expect(() => projectOfBuild(buildProject(), build!)).toThrow(
      /the build 'win'.*'WINDOWS_CONTAINER'/,
    );
  });
});

describe('the restrictions of a project', () => {
  const builds = buildsOf(`
build-list:
  - identifier: small
  - identifier: large
    env: { compute-type: BUILD_GENERAL1_LARGE }`);
  const broken = (Restrictions: object) =>
    brokenRestriction(
      builds,
      buildProject({ BuildBatchConfig: { ServiceRole: 'arn', Restrictions } }),
    );

  test.each([
    [{}, undefined],
    [{ MaximumBuildsAllowed: '2' }, undefined],
    [{ MaximumBuildsAllowed: 1 }, 'the batch has 2 builds, and the project allows 1'],
    [{ ComputeTypesAllowed: ['BUILD_GENERAL1_SMALL', 'BUILD_GENERAL1_LARGE'] }, undefined],
    [{ ComputeTypesAllowed: ['BUILD_GENERAL1_SMALL'] }, "the build 'large' has the compute type"],
  ])('%j', (restrictions, message) => {
    const found = broken(restrictions);
    if (message === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(message);
  });
});

test('an output artifact is named after its build, and after its identifier when secondary', () => {
  expect(
    wantedArtifacts(
      ['build1', 'build1_docs', 'build1_docs_html', 'build1_extra', 'other'],
      ['build1', 'build1_docs'],
    ).map(({ output, identifier, artifact }) => [output, identifier, artifact]),
  ).toEqual([
    ['build1', 'build1', 'primary'],
    ['build1_docs', 'build1_docs', 'primary'],
    ['build1_docs_html', 'build1_docs', 'html'],
    ['build1_extra', 'build1', 'extra'],
  ]);
});
