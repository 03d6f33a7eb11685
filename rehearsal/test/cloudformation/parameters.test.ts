import { evaluated, nothingStored } from './deploy-template';

const valueOf = (
  parameter: object,
  parameters: Record<string, string> = {},
  stored: Record<string, string> = {},
) =>
  evaluated(
    { Ref: 'Size' },
    { Parameters: { Size: parameter } },
    { parameters, lookups: { ...nothingStored, ssmParameter: (name) => stored[name] } },
  );

test('a given value goes before the default, and one for the stack before one for all', () => {
  const parameter = { Type: 'String', Default: 'small' };

  expect(valueOf(parameter)).toBe('small');
  expect(valueOf(parameter, { Size: 'big' })).toBe('big');
  expect(valueOf(parameter, { Size: 'big', 'Stack:Size': 'huge' })).toBe('huge');
});

test('a parameter without a value says how to give one', () => {
  expect(() => valueOf({ Type: 'String' })).toThrow(
    /Parameter 'Size' of stack 'Stack' has no default.*\n {2}--parameter Size=value/,
  );
});

test('every parameter without a value is asked for at once, with what the template says of it', () => {
  const Parameters = {
    DomainName: { Type: 'String', Description: 'Where people find the shop' },
    Stage: { Type: 'String', AllowedValues: ['dev', 'prod'] },
    Tag: { Type: 'String', Default: 'latest' },
  };

  expect(() => evaluated('x', { Parameters })).toThrow(
    [
      "Parameter 'DomainName' of stack 'Stack' has no default, and 1 more have none. Give values with:",
      "  --parameter DomainName=value   (stack 'Stack', String): Where people find the shop",
      "  --parameter Stage=value   (stack 'Stack', String, one of dev, prod)",
      'STACK:NAME=value gives one for a single stack.',
    ].join('\n'),
  );
});

test('a value for a parameter that no stack has is an error, not ignored', () => {
  expect(() => valueOf({ Type: 'String', Default: 'x' }, { Sice: 'big' })).toThrow(
    '--parameter Sice: no stack has a parameter of that name; there are Size.',
  );
});

test('lists are split at commas', () => {
  expect(valueOf({ Type: 'CommaDelimitedList', Default: 'a, b,c' })).toEqual(['a', 'b', 'c']);
  expect(valueOf({ Type: 'List<AWS::EC2::Subnet::Id>', Default: 's-1,s-2' })).toEqual([
    's-1',
    's-2',
  ]);
});

test('a Systems Manager type is looked up at the moment of the deploy', () => {
  const parameter = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shop/size' };

  expect(valueOf(parameter, {}, { '/shop/size': 'from the store' })).toBe('from the store');
  expect(
    valueOf(
      { ...parameter, Type: 'AWS::SSM::Parameter::Value<List<String>>' },
      {},
      { '/shop/size': 'a,b' },
    ),
  ).toEqual(['a', 'b']);
});

test('a missing Systems Manager parameter is reported in the words of CloudFormation', () => {
  expect(() =>
    valueOf({ Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shop/size' }),
  ).toThrow('Unable to fetch parameters [/shop/size] from parameter store for this account');
});

test('the bootstrap version of the CDK has an answer although nobody bootstrapped this machine', () => {
  const parameter = {
    Type: 'AWS::SSM::Parameter::Value<String>',
    Default: '/cdk-bootstrap/hnb659fds/version',
  };

  expect(Number(valueOf(parameter))).toBeGreaterThan(20);
  expect(valueOf(parameter, {}, { '/cdk-bootstrap/hnb659fds/version': '6' })).toBe('6');
});

test('values are checked against what the template allows', () => {
  expect(() => valueOf({ Type: 'String', AllowedValues: ['a', 'b'], Default: 'c' })).toThrow(
    "cannot be 'c': it must be one of a, b",
  );
  expect(() => valueOf({ Type: 'String', AllowedPattern: '[a-z]+', Default: 'a1' })).toThrow(
    "cannot be 'a1': it must match [a-z]+",
  );
  expect(() => valueOf({ Type: 'String', MinLength: 3, MaxLength: '5', Default: 'ab' })).toThrow(
    "cannot be 'ab': it must have 3 to 5 characters",
  );
  expect(() => valueOf({ Type: 'Number', MaxValue: 65535, Default: 70000 })).toThrow(
    "cannot be '70000': it must be from -Infinity to 65535",
  );
  expect(() => valueOf({ Type: 'Number', Default: 'many' })).toThrow('it must be a number');
});
