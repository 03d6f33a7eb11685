import { jest } from '@jest/globals';
import type { Authorizer } from '../../src/iam/authorizer';
import { BuildFixture } from '../_helpers/build-fixture';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

const JUNIT = `<?xml version="1.0"?>
<testsuites>
  <testsuite name="a" tests="4">
    <testcase name="passes" classname="x > y"/>
    <testcase name="fails"><failure message="1 > 2">expected</failure></testcase>
    <testcase name="breaks"><error/></testcase>
    <testcase name="says"><system-out><![CDATA[<testcase><failure>]]></system-out></testcase>
    <!-- <testcase name="was here"/> -->
    <testcase name="waits"><skipped/></testcase>
  </testsuite>
</testsuites>`;

const spec = (report: string, command = 'true') => `
version: 0.2
phases: { build: { commands: ['${command}'] } }
reports: { ${report} }
`;

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

const build = async (buildspec: string, authorizer?: Authorizer) => {
  const files = { 'buildspec.yml': buildspec, 'out/junit.xml': JUNIT, 'out/deep/more.xml': JUNIT };
  const sourceDirectory = await fixture.source(files);
  return fixture.build(undefined, { sourceDirectory }, authorizer && { authorizer });
};

test('the results of a report group are collected and counted', async () => {
  const { status, reports } = await build(
    spec("unit: { files: ['**/*.xml'], base-directory: out }"),
  );
  expect(status).toBe('SUCCEEDED');
  expect(reports).toEqual([
    {
      group: 'unit',
      format: 'JUNITXML',
      files: ['deep/more.xml', 'junit.xml'],
      tests: { total: 10, failed: 4, skipped: 2 },
    },
  ]);
  expect(fixture.log).toContain('[Container] Report unit has 2 file(s): 10 tests, 4 failed');
});

test('a build that fails still reports, and failed tests alone fail no build', async () => {
  const { status, reports } = await build(spec('unit: { files: [out/junit.xml] }', 'false'));
  expect([status, reports.length]).toEqual(['FAILED', 1]);
});

test('without any results the build fails when it uploads', async () => {
  const { status, failure } = await build(spec('unit: { files: [nothing.xml] }'));
  expect(status).toBe('FAILED');
  expect(failure).toMatch(
    /Phase: UPLOAD_ARTIFACTS, Code: CLIENT_ERROR, .*\[unit: \[report files not found in build\]\]/,
  );
});

test('results that are not in their format are collected, and named', async () => {
  const { reports } = await build(
    spec('cover: { files: [out/junit.xml], file-format: CLOVERXML }'),
  );
  expect(reports).toEqual([{ group: 'cover', format: 'CLOVERXML', files: ['out/junit.xml'] }]);
  expect(fixture.unproven()).toContain(
    'the results of the report cover (CLOVERXML) could not be read',
  );
});

test.each([
  ['CreateReportGroup', 'unit', 'JUNITXML'],
  ['CreateReport', 'unit', 'JUNITXML'],
  ['BatchPutTestCases', 'unit', 'JUNITXML'],
  ['BatchPutCodeCoverages', 'unit', 'SIMPLECOV'],
])('a role that may not %s fails the build', async (call, group, format) => {
  const authorizer: Authorizer = {
    authorize: ({ action, resource }) =>
      action === `codebuild:${call}`
        ? { allowed: false, message: `no ${action} on ${resource}` }
        : { allowed: true },
  };
  const report = `${group}: { files: [out/junit.xml], file-format: ${format} }`;
  const { failure } = await build(spec(report), authorizer);
  expect(failure).toContain(
    `no codebuild:${call} on arn:aws:codebuild:ap-northeast-2:000000000000:report-group/api-build-unit`,
  );
});

test('a sixth report group is one too many', async () => {
  const groups = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}: { files: [x] }`);
  const { failure } = await build(spec(groups.join(', ')));
  expect(failure).toMatch(/YAML_FILE_ERROR.*reports: at most 5 report groups are allowed/);
});
