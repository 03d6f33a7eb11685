import { readResults } from '../../src/codebuild/report-results';

const NUNIT = `<test-results><test-suite><results>
  <test-case name="Adds" executed="True" result="Success" success="True"/>
  <test-case name="Divides" executed="True" result="Failure" success="False"><failure/></test-case>
  <test-case name="Rounds" executed="True" result="Error"></test-case>
  <test-case name="Waits" executed="False" result="Ignored"/>
</results></test-suite></test-results>`;

const NUNIT3 = `<test-run total="3"><test-suite result="Failed">
  <test-case name="a > b" result="Passed"/><test-case name='c' result='Failed'/>
  <!-- <test-case result="Failed"/> --><test-case name="d" result="Skipped"/>
</test-suite></test-run>`;

const TESTNG = `<testng-results><class name="A">
  <test-method status="PASS" name="setUp" is-config="true"/>
  <test-method status="PASS" name="one"/><test-method status="FAIL" name="two"/>
  <test-method status="SKIP" name="three"/>
</class></testng-results>`;

const TRX = `<TestRun><Results>
  <UnitTestResult testName="one" outcome="Passed" />
  <UnitTestResult testName="two" outcome="Failed"><Output/></UnitTestResult>
  <UnitTestResult testName="three" outcome="NotExecuted" />
  <UnitTestResult testName="four" outcome="Timeout" />
</Results></TestRun>`;

const CUCUMBER = JSON.stringify([
  {
    elements: [
      { type: 'background', steps: [{ result: { status: 'failed' } }] },
      { type: 'scenario', steps: [{ result: { status: 'passed' } }] },
      {
        type: 'scenario',
        steps: [{ result: { status: 'failed' } }, { result: { status: 'skipped' } }],
      },
      { type: 'scenario', steps: [{ result: { status: 'pending' } }] },
    ],
  },
  {},
]);

test.each([
  ['NUNITXML', NUNIT, { total: 4, failed: 2, skipped: 1 }],
  ['NUNIT3XML', NUNIT3, { total: 3, failed: 1, skipped: 1 }],
  ['TESTNGXML', TESTNG, { total: 3, failed: 1, skipped: 1 }],
  ['VISUALSTUDIOTRX', TRX, { total: 4, failed: 2, skipped: 1 }],
  ['CUCUMBERJSON', CUCUMBER, { total: 3, failed: 1, skipped: 1 }],
])('test cases in %s are counted', (format, text, tests) => {
  expect(readResults(format, [text])).toEqual({ tests });
});

const CLOVER = `<coverage><project><metrics statements="20" coveredstatements="15"/>
  <file><metrics statements="8" coveredstatements="8"/></file></project></coverage>`;
const COBERTURA = `<coverage line-rate="0.5" lines-covered="4" lines-valid="8"></coverage>`;
const JACOCO = `<report><package><counter type="LINE" missed="1" covered="2"/></package>
  <counter type="BRANCH" missed="90" covered="9"/><counter type="LINE" missed="3" covered="7"/></report>`;
const SIMPLECOV = JSON.stringify({
  RSpec: { coverage: { 'a.rb': { lines: [1, null, 0] }, 'b.rb': [2, 'ignored'] } },
});

test.each([
  ['CLOVERXML', CLOVER, { covered: 15, total: 20 }],
  ['COBERTURAXML', COBERTURA, { covered: 4, total: 8 }],
  ['JACOCOXML', JACOCO, { covered: 7, total: 10 }],
  ['SIMPLECOV', SIMPLECOV, { covered: 2, total: 3 }],
])('lines in %s are counted', (format, text, coverage) => {
  expect(readResults(format, [text])).toEqual({ coverage });
});

test('several files add up', () => {
  expect(readResults('COBERTURAXML', [COBERTURA, COBERTURA])).toEqual({
    coverage: { covered: 8, total: 16 },
  });
  expect(readResults('TESTNGXML', [TESTNG, TESTNG]).tests?.total).toBe(6);
});

test.each([
  ['CUCUMBERJSON', 'no JSON'],
  ['CUCUMBERJSON', '{"elements": 1}'],
  ['SIMPLECOV', '{"RSpec": {}}'],
  ['CLOVERXML', '<other/>'],
])('nothing is made up for %s that reads %j', (format, text) => {
  expect(readResults(format, [text])).toEqual({});
});
