import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';

/**
 * Properties of `AWS::SecretsManager::Secret` that a rehearsal acts on. GenerateSecretString is
 * not played: the report names it, and the secret has no value until a script puts one.
 */
export const playedProperties: readonly string[] = ['Name', 'Description', 'SecretString'];

const schema = z.object({
  Name: z.string().optional(),
  Description: z.string().optional(),
  SecretString: z.string().optional(),
});

export interface SecretDefinition {
  readonly name: string;
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
  const { Name, Description, SecretString } = readProperties(resource, schema);
  return {
    name: Name ?? resource.logicalId,
    ...(Description !== undefined && { description: Description }),
    ...(SecretString !== undefined && { secretString: SecretString }),
  };
}
