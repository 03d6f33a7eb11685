import { z } from 'zod';
import { cfnString } from '../cloudformation/read-properties';

/** Where the builds of a project run, as its `VpcConfig` has it. */
export interface BuildVpc {
  readonly subnets: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_VpcConfig.html */
export const vpcConfig = z
  .object({
    VpcId: cfnString.optional(),
    Subnets: z.array(cfnString).default([]),
    SecurityGroupIds: z.array(cfnString).default([]),
  })
  .transform(({ Subnets, SecurityGroupIds }): BuildVpc => ({
    subnets: Subnets,
    securityGroupIds: SecurityGroupIds,
  }));
