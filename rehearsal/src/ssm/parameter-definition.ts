import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnString, readProperties } from '../cloudformation/read-properties';
import type { PutParameter } from './parameter-store';

/** Properties of `AWS::SSM::Parameter` that a rehearsal acts on, or that cannot change its outcome. */
export const playedProperties: readonly string[] = [
  'Name',
  'Type',
  'Value',
  'Description',
  'AllowedPattern',
  'Tags',
];

const schema = z.object({
  Type: z.enum(['String', 'StringList']),
  Value: cfnString,
  Description: z.string().optional(),
  AllowedPattern: z.string().optional(),
});

/**
 * `AWS::SSM::Parameter` as the call that creates or updates it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html
 *
 * @throws RehearsalError `PropertyInvalid`
 */
export function readParameterDefinition(resource: DeployedResource): PutParameter {
  const { Type, Value, Description, AllowedPattern } = readProperties(resource, schema);
  return {
    // What Ref returns is the name, also where CloudFormation made it up.
    name: resource.physicalId,
    type: Type,
    value: Value,
    overwrite: true,
    ...(Description !== undefined && { description: Description }),
    ...(AllowedPattern !== undefined && { allowedPattern: AllowedPattern }),
  };
}
