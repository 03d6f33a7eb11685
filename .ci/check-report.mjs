// Reads report.json as a stranger would: every scenario passed, and all of it really ran.
// node check-report.mjs ENGINE REPORT SCENARIO…
import { readFileSync } from 'node:fs';

const [engine, path, ...wanted] = process.argv.slice(2);
const report = JSON.parse(readFileSync(path, 'utf8'));
const problems = [];
const expect = (holds, problem) => holds || problems.push(problem);

expect(report.schemaVersion === 1, `schemaVersion is ${report.schemaVersion}`);
expect(report.engine === engine, `engine is ${report.engine}, expected ${engine}`);
expect(report.resources.refused.length === 0, 'a resource was refused');
const played = report.scenarios.map(({ name }) => name);
expect(played.length > 0, 'no scenario was played');
expect(
  [...wanted].sort().join() === [...played].sort().join(),
  `played were ${played.join(', ')}; wanted were ${wanted.join(', ')}`,
);
for (const { name, passed, checks, executions, deployments, traffic } of report.scenarios) {
  expect(passed, `${name} did not pass`);
  expect(checks.length > 0 && checks.every((one) => one.passed), `${name}: a check did not hold`);
  expect(deployments.length > 0, `${name}: no deployment`);
  if (name !== 'release') continue;
  expect(executions.length > 0, `${name}: no pipeline execution`);
  expect(deployments.length > 1, `${name}: no deployment after the first`);
  expect(traffic.sent > 0, `${name}: no traffic`);
  expect(traffic.failed === 0, `${name}: ${traffic.failed} of ${traffic.sent} requests failed`);
  expect(Object.keys(traffic.byTaskDefinition).length > 1, `${name}: only one version answered`);
}

if (problems.length > 0) {
  console.error(`${path}:\n  ${problems.join('\n  ')}`);
  process.exit(1);
}
