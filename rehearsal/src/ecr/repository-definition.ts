import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnBoolean, readProperties } from '../cloudformation/read-properties';
import type { RepositorySettings } from './repository';

/** Properties of `AWS::ECR::Repository` that a rehearsal acts on, or that cannot change its outcome. */
export const playedProperties: readonly string[] = [
  'RepositoryName',
  'ImageTagMutability',
  'ImageTagMutabilityExclusionFilters',
  'ImageScanningConfiguration',
  'LifecyclePolicy.LifecyclePolicyText',
  'EmptyOnDelete',
  'EncryptionConfiguration',
  'Tags',
];

const schema = z.object({
  ImageTagMutability: z.string().default('MUTABLE'),
  ImageTagMutabilityExclusionFilters: z
    .array(
      z.object({
        ImageTagMutabilityExclusionFilterType: z.string(),
        ImageTagMutabilityExclusionFilterValue: z.string(),
      }),
    )
    .default([]),
  ImageScanningConfiguration: z.object({ ScanOnPush: cfnBoolean.default(false) }).optional(),
  LifecyclePolicy: z.object({ LifecyclePolicyText: z.string().optional() }).optional(),
});

export interface RepositoryDefinition {
  readonly name: string;
  readonly settings: Partial<RepositorySettings>;
  readonly lifecyclePolicyText?: string;
}

/**
 * `AWS::ECR::Repository` as the repository that it makes.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
 *
 * @throws RehearsalError `PropertyInvalid`
 */
export function readRepositoryDefinition(resource: DeployedResource): RepositoryDefinition {
  const properties = readProperties(resource, schema);
  const text = properties.LifecyclePolicy?.LifecyclePolicyText;
  return {
    // What Ref returns is the name, also where CloudFormation made it up.
    name: resource.physicalId,
    settings: {
      imageTagMutability: properties.ImageTagMutability,
      imageTagMutabilityExclusionFilters: properties.ImageTagMutabilityExclusionFilters.map(
        (filter) => ({
          filterType: filter.ImageTagMutabilityExclusionFilterType,
          filter: filter.ImageTagMutabilityExclusionFilterValue,
        }),
      ),
      scanOnPush: properties.ImageScanningConfiguration?.ScanOnPush ?? false,
    },
    ...(text !== undefined && { lifecyclePolicyText: text }),
  };
}
