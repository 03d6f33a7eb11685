import { ServiceException } from '../../../service-exception';
import type { Parameter } from '../../../ssm/parameter-store';
import { operation, timestamp } from '../operation';
import { boolean, list, optional, string } from '../shapes';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
const getParameter = operation({
  service: 'ssm',
  name: 'GetParameter',
  members: { Name: string, WithDecryption: optional(boolean) },
  access: ({ Name }, { services }) => [
    ['ssm:GetParameter', services.parameters.parameterArn(Name)],
  ],
  run: ({ Name, WithDecryption }, { services }) => {
    const parameter = services.parameters.find(Name);
    // The service gives this exception without a text.
    if (parameter === undefined) throw new ServiceException('ParameterNotFound', '');
    return { Parameter: show(parameter, WithDecryption) };
  },
});

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const getParameters = operation({
  service: 'ssm',
  name: 'GetParameters',
  members: { Names: list(string), WithDecryption: optional(boolean) },
  access: ({ Names }, { services }) =>
    Names.map((name) => ['ssm:GetParameters', services.parameters.parameterArn(name)] as const),
  run: ({ Names, WithDecryption }, { services }) => {
    const found = Names.map((name) => services.parameters.find(name));
    return {
      Parameters: found.flatMap((parameter) =>
        parameter === undefined ? [] : [show(parameter, WithDecryption)],
      ),
      InvalidParameters: Names.filter((_, index) => found[index] === undefined),
    };
  },
});

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const putParameter = operation({
  service: 'ssm',
  name: 'PutParameter',
  members: {
    Name: string,
    Value: string,
    Type: optional(string),
    Overwrite: optional(boolean),
    Description: optional(string),
    AllowedPattern: optional(string),
  },
  unplayed: ['KeyId', 'Tags', 'Tier', 'Policies', 'DataType'],
  access: ({ Name }, { services }) => [
    ['ssm:PutParameter', services.parameters.parameterArn(Name)],
  ],
  run: (input, { services }) => {
    const parameter = services.parameters.put({
      name: input.Name,
      value: input.Value,
      ...(input.Type !== undefined && { type: input.Type }),
      ...(input.Overwrite !== undefined && { overwrite: input.Overwrite }),
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.AllowedPattern !== undefined && { allowedPattern: input.AllowedPattern }),
    });
    return { Version: parameter.version, Tier: 'Standard' };
  },
});

export const ssmOperations = [getParameter, getParameters, putParameter];

function show(parameter: Parameter, decrypt = false) {
  const { name, type, value, version, modifiedAt, arn } = parameter;
  return {
    Name: name,
    Type: type,
    Value:
      type === 'SecureString' && !decrypt
        ? Buffer.from(`encrypted ${arn}`).toString('base64')
        : value,
    Version: version,
    LastModifiedDate: timestamp(modifiedAt),
    ARN: arn,
    DataType: 'text',
  };
}
