import { jest } from '@jest/globals';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { rehearse, SCENARIO_TIMEOUT_MS, untrue } from './_rehearse';
import { guardDeployments } from './_template';

jest.setTimeout(SCENARIO_TIMEOUT_MS);
const scratch = scratchDirectory();

it('an alarm brings the old version back when a healthy one answers users with errors', async () => {
  const result = await rehearse(scratch, ['failing-requests'], guardDeployments);
  expect(untrue(result)).toEqual({});
  const { failed, failedWithBrokenVersion } = result.report.totals;
  expect(failed).toBeGreaterThan(0);
  expect(failedWithBrokenVersion).toBe(failed);
});

it('an alarm that such errors do not set off lets the version in, and turns the scenario red', async () => {
  const result = await rehearse(scratch, ['failing-requests'], (template) => {
    guardDeployments(template);
    template.Resources['Errors']!.Properties['Threshold'] = 1_000_000;
  });
  expect(untrue(result)['failing-requests']).toEqual(
    expect.arrayContaining([
      'the executions of the pipeline ended as Failed: Succeeded',
      'an alarm that guards deployments went off: none of greeter-errors',
      'ECS gave the deployment up because of it: it did not',
    ]),
  );
});

it('without such an alarm the scenario is not played, and says that AWS would let the version in', async () => {
  await expect(rehearse(scratch, ['failing-requests'])).rejects.toThrow(
    /no alarm guards deployments of service 'greeter', so on AWS too .* is let in and stays/,
  );
});
