import { z } from 'zod';
import { cfnNumber } from '../cloudformation/read-properties';

/** What a project says about batches of its builds. */
export interface BatchSettings {
  /** Starts and stops the builds of a batch; none can be started without it */
  readonly serviceRoleArn: string | undefined;
  /** A batch may last for ever without it: AWS documents no default */
  readonly timeoutMinutes: number | undefined;
  readonly restrictions: {
    readonly maximumBuilds: number | undefined;
    readonly computeTypes: readonly string[] | undefined;
  };
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectBuildBatchConfig.html */
export const buildBatchConfig = z
  .object({
    ServiceRole: z.string().min(1).optional(),
    TimeoutInMins: cfnNumber.optional(),
    Restrictions: z
      .object({
        MaximumBuildsAllowed: cfnNumber.optional(),
        ComputeTypesAllowed: z.array(z.string()).optional(),
      })
      .default({}),
  })
  .transform(({ ServiceRole, TimeoutInMins, Restrictions }): BatchSettings => ({
    serviceRoleArn: ServiceRole,
    timeoutMinutes: TimeoutInMins,
    restrictions: {
      maximumBuilds: Restrictions.MaximumBuildsAllowed,
      computeTypes: Restrictions.ComputeTypesAllowed,
    },
  }));
