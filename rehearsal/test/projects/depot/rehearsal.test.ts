import { scratchDirectory } from '../../_helpers/scratch-directory';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/**
 * CDK 2.200: a stage with two stacks in a literal account and region, two services with a load
 * balancer each, two V2 pipelines with triggers and variables that watch one repository, container
 * health checks, a public placeholder as the first image, bounds that let one task go at a time,
 * buildspecs below the root, no package and no tests.
 */
const scratch = scratchDirectory();

test(
  'one push releases two services of a repository that began with a public placeholder',
  async () => {
    const { report, ...result } = await rehearse('depot', scratch);

    expect(failedChecks({ report, ...result })).toEqual([]);
    expect(report.scenarios[0]!.executions.map(({ pipeline }) => pipeline).sort()).toEqual([
      'depot-orders',
      'depot-stock',
    ]);
    for (const service of ['orders', 'stock']) {
      expect(report.unproven.join('\n')).toMatch(
        new RegExp(
          `The first image 'amazon/amazon-ecs-sample' of container '${service}' was not fetched: '210987654321.dkr.ecr.eu-central-1.amazonaws.com/depot/${service}:`,
        ),
      );
    }
  },
  REHEARSAL_TIMEOUT_MS,
);
