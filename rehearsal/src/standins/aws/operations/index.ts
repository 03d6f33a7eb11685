import type { Operation } from '../operation';
import { ecrImageOperations } from './ecr-images';
import { ecrRepositoryOperations } from './ecr-repositories';
import { ecrScanOperations } from './ecr-scans';
import { secretsManagerOperations } from './secretsmanager';
import { ssmOperations } from './ssm';
import { stsOperations } from './sts';

/** Every call that the rehearsal plays; all other calls are refused by name. */
export const operations: readonly Operation[] = [
  ...ecrRepositoryOperations,
  ...ecrImageOperations,
  ...ecrScanOperations,
  ...secretsManagerOperations,
  ...ssmOperations,
  ...stsOperations,
];
