import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import type { RegistryScanning } from './registry-scanning';

/** Properties of `AWS::ECR::RegistryScanningConfiguration` that a rehearsal acts on. */
export const playedScanningProperties: readonly string[] = [
  'ScanType',
  'Rules.ScanFrequency',
  'Rules.RepositoryFilters.Filter',
  'Rules.RepositoryFilters.FilterType',
];

const filter = z.object({
  Filter: z
    .string()
    .max(255)
    .regex(/^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$/),
  FilterType: z.literal('WILDCARD'),
});

const rule = z.object({
  ScanFrequency: z.enum(['SCAN_ON_PUSH', 'CONTINUOUS_SCAN']),
  RepositoryFilters: z
    .array(filter)
    .min(1, "AWS does not document what a rule without filters is for; '*' is every repository")
    .max(100),
});

const schema = z
  .object({ ScanType: z.enum(['BASIC', 'ENHANCED']), Rules: z.array(rule).max(2) })
  .superRefine(({ ScanType, Rules }, context) => {
    for (const [index, { ScanFrequency }] of Rules.entries()) {
      if (ScanType === 'ENHANCED' || ScanFrequency === 'SCAN_ON_PUSH') continue;
      context.addIssue({
        code: 'custom',
        path: ['Rules', index, 'ScanFrequency'],
        message: 'BASIC scanning takes SCAN_ON_PUSH alone',
      });
    }
  });

/**
 * `AWS::ECR::RegistryScanningConfiguration` as the rules of the registry.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-registryscanningconfiguration.html
 *
 * @throws RehearsalError `PropertyInvalid`
 */
export function readScanningDefinition(resource: DeployedResource): RegistryScanning {
  const { ScanType, Rules } = readProperties(resource, schema);
  return {
    scanType: ScanType,
    rules: Rules.map(({ ScanFrequency, RepositoryFilters }) => ({
      scanFrequency: ScanFrequency,
      repositoryFilters: RepositoryFilters.map(({ Filter }) => Filter),
    })),
  };
}
