import { deployNetwork, practice } from './_network';

const ROLE = 'arn:aws:iam::000000000000:role/execution';
const TOKEN = ['ecr:GetAuthorizationToken', '*'] as const;

/** The practice network with one endpoint that has the policy. */
function withPolicy(
  statement: Record<string, unknown> | undefined,
  service = 'ecr.api',
  type = 'Interface',
) {
  const resources = practice('single-nat');
  const id = (pattern: RegExp) => Object.keys(resources).find((name) => pattern.test(name));
  const PolicyDocument = statement && {
    Version: '2012-10-17',
    Statement: [{ Principal: '*', Resource: '*', ...statement }],
  };
  resources['Endpoint'] = {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.${service}` },
      VpcEndpointType: type,
      ...(type === 'Interface'
        ? { PrivateDnsEnabled: true, SubnetIds: [{ Ref: id(/^VpcPrivateSubnet1Subnet/) }] }
        : {}),
      VpcId: { Ref: id(/^Vpc\w{8}$/) },
      ...(PolicyDocument && { PolicyDocument }),
    },
  };
  return deployNetwork(resources);
}

test('the default policy lets every call through', () => {
  const { denialOf } = withPolicy(undefined);
  expect(denialOf('ecr.api', ...TOKEN, ROLE)).toBeUndefined();
});

test('a policy that does not name the action denies it, in the words of AWS', () => {
  const { denialOf } = withPolicy({ Effect: 'Allow', Action: 'ecr:Describe*' });
  expect(denialOf('ecr.api', ...TOKEN, ROLE)).toBe(
    "because no VPC endpoint policy allows the ecr:GetAuthorizationToken action (PolicyDocument of VPC endpoint 'Endpoint')",
  );
});

test('a policy that denies the action says so', () => {
  const { denialOf } = withPolicy({ Effect: 'Deny', Action: 'ecr:*' });
  expect(denialOf('ecr.api', ...TOKEN, ROLE)).toBe(
    "with an explicit deny in a VPC endpoint policy (PolicyDocument of VPC endpoint 'Endpoint')",
  );
});

test.each([
  ['the role', { AWS: ROLE }, true],
  ['its account', { AWS: 'arn:aws:iam::000000000000:root' }, true],
  ['another role', { AWS: 'arn:aws:iam::000000000000:role/other' }, false],
])('a policy can let %s through', (_who, Principal, allowed) => {
  const { denialOf } = withPolicy({ Effect: 'Allow', Action: '*', Principal });
  expect(denialOf('ecr.api', ...TOKEN, ROLE) === undefined).toBe(allowed);
});

test('a policy counts only for calls that leave by its endpoint', () => {
  const { denialOf } = withPolicy({ Effect: 'Deny', Action: '*' });
  expect(denialOf('logs', 'logs:CreateLogStream', '*', ROLE)).toBeUndefined();
  const unused = withPolicy({ Effect: 'Deny', Action: '*' }, 's3', 'Gateway');
  expect(unused.denialOf('s3', 's3:GetObject', '*', ROLE)).toBeUndefined();
});
