import { jest } from '@jest/globals';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { rehearse, SCENARIO_TIMEOUT_MS, untrue } from './_rehearse';

jest.setTimeout(8 * SCENARIO_TIMEOUT_MS);
const scratch = scratchDirectory();

const failing = [
  'other-branch',
  'forged-webhook',
  'missing-token',
  'failing-tests',
  'bad-buildspec',
  'build-timeout',
  'bad-image-definitions',
  'image-missing',
  'crash-on-start',
  'failing-health-check',
  'hangs-on-start',
  'superseded',
];

it('a release that fails hurts nobody, whatever is wrong with it', async () => {
  const result = await rehearse(scratch, failing);
  expect(untrue(result)).toEqual({});
  expect(result.passed).toBe(true);
  expect(result.report.scenarios.map(({ name }) => name)).toEqual(failing);
});

it('a first version that crashes is given up, and starts no task for ever', async () => {
  const result = await rehearse(scratch, ['first-deployment-fails']);
  expect(untrue(result)).toEqual({});
  expect(result.passed).toBe(true);
});

it('the execution that a new pipeline starts by itself releases what serves already', async () => {
  const result = await rehearse(scratch, ['pipeline-created']);
  expect(untrue(result)).toEqual({});
  expect(result.report.scenarios[0]?.executions).toHaveLength(1);
});
