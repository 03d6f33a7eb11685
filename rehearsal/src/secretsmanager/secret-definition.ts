import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import { generateSecretString, generateSecretStringSchema } from './generated-secret';

/** Properties of `AWS::SecretsManager::Secret` that a rehearsal acts on. */
export const playedProperties: readonly string[] = [
  'Name',
  'Description',
  'SecretString',
  'GenerateSecretString',
];

const schema = z.object({
  Name: z.string().optional(),
  Description: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: generateSecretStringSchema.optional(),
});

export interface SecretDefinition {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly secretString?: string;
}

/**
 * `AWS::SecretsManager::Secret` as the secret that it makes.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
 *
 * @throws RehearsalError `PropertyInvalid`
 */
export function readSecretDefinition(resource: DeployedResource): SecretDefinition {
  const { Description, SecretString, GenerateSecretString } = readProperties(resource, schema);
  const secretString =
    SecretString ??
    (GenerateSecretString === undefined ? undefined : generateSecretString(GenerateSecretString));
  return {
    name: resource.name ?? resource.logicalId,
    arn: resource.physicalId,
    ...(Description !== undefined && { description: Description }),
    ...(secretString !== undefined && { secretString }),
  };
}
