import { scratchDirectory } from '../../_helpers/scratch-directory';
import { failedChecks, rehearse, REHEARSAL_TIMEOUT_MS } from '../_helpers/rehearse';

/**
 * CDK 2.15: a V1 pipeline with a connection, an inline buildspec put together by Join, `latest`
 * alone, names that CloudFormation makes up, a VPC of somebody else, no log driver, load balancer
 * settings left at their defaults, and nothing that brings the first image.
 */
const scratch = scratchDirectory();

test(
  'a project without names, without a first image and with nothing but latest is released',
  async () => {
    const result = await rehearse('parcel-tracker', scratch);

    expect(failedChecks(result)).toEqual([]);
    expect(result.report.unproven.join('\n')).toContain(":latest': the rehearsal built it");
  },
  REHEARSAL_TIMEOUT_MS,
);
