import { jest } from '@jest/globals';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { rehearse, SCENARIO_TIMEOUT_MS, type Template, untrue } from './_rehearse';

jest.setTimeout(4 * SCENARIO_TIMEOUT_MS);
const scratch = scratchDirectory();

/** Gives targets another time to finish what they are working on. */
const drainFor =
  (seconds: number) =>
  ({ Resources }: Template): void => {
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::ElasticLoadBalancingV2::TargetGroup') continue;
      const attributes = Properties['TargetGroupAttributes'] as Record<string, string>[];
      for (const attribute of attributes) {
        if (attribute['Key'] === 'deregistration_delay.timeout_seconds') {
          attribute['Value'] = String(seconds);
        }
      }
    }
  };

/** The deploy action's limit is divided by the speed; a stop takes its real time. */
const stopWithin =
  (seconds: number) =>
  ({ Resources }: Template): void => {
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::ECS::TaskDefinition') continue;
      const containers = Properties['ContainerDefinitions'] as Record<string, unknown>[];
      for (const container of containers) container['StopTimeout'] = seconds;
    }
  };

it('slow requests and idle connections live through a release, and killed tasks are replaced', async () => {
  const names = ['slow-requests', 'keep-alive-clients', 'task-killed'];
  const result = await rehearse(scratch, names, drainFor(15));
  expect(untrue(result)).toEqual({});
  expect(result.report.scenarios.map(({ name }) => name)).toEqual(names);
});

it('a deregistration delay that is shorter than the requests loses them, and the scenario says so', async () => {
  const result = await rehearse(scratch, ['slow-requests'], drainFor(3));
  expect(result.passed).toBe(false);
  expect(untrue(result)['slow-requests']).toContainEqual(
    expect.stringContaining('no request was lost'),
  );
  expect(result.report.totals.failed).toBeGreaterThan(0);
});

it('streams end with themselves or with the deregistration delay, not before', async () => {
  const result = await rehearse(scratch, ['websocket-or-streaming'], drainFor(6));
  expect(untrue(result)).toEqual({});
});

it('tasks that ignore SIGTERM are killed after their stopTimeout, and a release does not mind', async () => {
  const result = await rehearse(scratch, ['ignores-sigterm'], stopWithin(4));
  expect(untrue(result)).toEqual({});
});

it('an engine that was killed in the middle of a deployment leaves nothing that the next one does not remove', async () => {
  const result = await rehearse(scratch, ['engine-killed']);
  expect(untrue(result)).toEqual({});
});
