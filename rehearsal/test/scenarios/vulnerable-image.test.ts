import { jest } from '@jest/globals';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { rehearse, SCENARIO_TIMEOUT_MS, untrue } from './_rehearse';

jest.setTimeout(2 * SCENARIO_TIMEOUT_MS);
const scratch = scratchDirectory();

it('an image with a critical vulnerability is not released, and the next one is', async () => {
  const result = await rehearse(scratch, ['vulnerable-image', 'superseded']);
  expect(untrue(result)).toEqual({});
  expect(result.passed).toBe(true);
});
