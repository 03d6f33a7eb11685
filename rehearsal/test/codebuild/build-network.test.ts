import { jest } from '@jest/globals';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { readBuildProject } from '../../src/codebuild/project-definition';
import { Network } from '../../src/ec2/network';
import { AccessControl } from '../../src/iam/access-control';
import { findUnplayedProperties } from '../../src/played-properties';
import { deployTemplate } from '../cloudformation/deploy-template';
import { practice, type Resources, without } from '../ec2/_network';
import { BuildFixture } from '../_helpers/build-fixture';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

const SPEC = 'version: 0.2\nphases: { build: { commands: [echo built] } }\n';

const EC2_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeDhcpOptions',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeSubnets',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeVpcs',
];

const subnetIds = (resources: Resources, kind: 'Private' | 'Public') =>
  Object.keys(resources).filter((id) => id.startsWith(`Vpc${kind}`) && /Subnet\dSubnet/.test(id));

/**
 * A build project in subnets of the practice network, with the policy that the user guide has for
 * its role.
 */
function projectIn(
  resources: Resources,
  kind: 'Private' | 'Public' = 'Private',
  policy: { actions?: readonly string[]; authorizedService?: string } = {},
): Resources {
  const ids = subnetIds(resources, kind);
  const vpc = Object.keys(resources).find((id) => /^Vpc\w{8}$/.test(id));
  return {
    ...resources,
    BuildGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { VpcId: { Ref: vpc }, GroupDescription: 'builds' },
    },
    BuildRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: 'codebuild.amazonaws.com' },
          },
        },
        Policies: [
          {
            PolicyName: 'build',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                { Effect: 'Allow', Action: 'logs:*', Resource: '*' },
                { Effect: 'Allow', Action: policy.actions ?? EC2_ACTIONS, Resource: '*' },
                {
                  Effect: 'Allow',
                  Action: 'ec2:CreateNetworkInterfacePermission',
                  Resource: {
                    'Fn::Sub': 'arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:network-interface/*',
                  },
                  Condition: {
                    StringEquals: {
                      'ec2:Subnet': ids.map((id) => ({
                        'Fn::Sub': `arn:aws:ec2:\${AWS::Region}:\${AWS::AccountId}:subnet/\${${id}}`,
                      })),
                      'ec2:AuthorizedService':
                        policy.authorizedService ?? 'codebuild.amazonaws.com',
                    },
                  },
                },
              ],
            },
          },
        ],
      },
    },
    BuildProject: {
      Type: 'AWS::CodeBuild::Project',
      Properties: {
        ServiceRole: { 'Fn::GetAtt': ['BuildRole', 'Arn'] },
        Environment: {
          Type: 'LINUX_CONTAINER',
          ComputeType: 'BUILD_GENERAL1_SMALL',
          Image: 'aws/codebuild/standard:7.0',
        },
        Source: { Type: 'CODEPIPELINE' },
        Artifacts: { Type: 'CODEPIPELINE' },
        VpcConfig: {
          VpcId: { Ref: vpc },
          Subnets: ids.map((id) => ({ Ref: id })),
          SecurityGroupIds: [{ 'Fn::GetAtt': ['BuildGroup', 'GroupId'] }],
        },
      },
    },
  };
}

/** Builds the project of a template in the network and with the role that the template gives it. */
async function build(resources: Resources) {
  const stacks = new DeployedStacks([deployTemplate({ Resources: resources })]);
  const { clock, recorded } = fixture;
  const network = new Network(stacks, { region: 'eu-west-1', clock, events: recorded.stream });
  const sessions: (((service: string) => string | undefined) | undefined)[] = [];
  const result = await fixture.build(
    SPEC,
    { project: readBuildProject(stacks.ofType('AWS::CodeBuild::Project')[0]!) },
    {
      network,
      authorizer: new AccessControl(stacks),
      region: 'eu-west-1',
      openSession: (caller, barrierTo) => {
        sessions.push(barrierTo);
        return fixture.deps.openSession(caller);
      },
    },
  );
  return { result, stacks, barrierTo: sessions[0] };
}

describe('a build in a VPC', () => {
  test('runs in private subnets with a NAT gateway', async () => {
    const { result, barrierTo } = await build(projectIn(practice('single-nat')));

    expect(result.status).toBe('SUCCEEDED');
    expect(barrierTo?.('ecr.api')).toBeUndefined();
  });

  test('is told of in the report, as its commands reach what this machine reaches', async () => {
    const { stacks } = await build(projectIn(practice('single-nat')));

    expect(fixture.unproven()).toContainEqual(
      expect.stringMatching(/^the builds of project '\S+' run in a VPC: /),
    );
    expect(findUnplayedProperties(stacks).map(({ property }) => property)).not.toContain(
      'VpcConfig',
    );
  });

  test.each([
    [
      'public subnets, where it has no public address',
      () => projectIn(without(practice('public-ip'), 'VPCEndpoint'), 'Public'),
      /which passes nothing of a build of project '\S+' in subnet 'VpcPublicSubnet1Subnet\w+', because it has no public address\)$/,
    ],
    [
      'subnets that lead to S3 and not to its log',
      () => projectIn(without(practice('single-nat'), 'Route', 'VpcPrivate')),
      /\(route table 'VpcPrivateSubnet1RouteTable\w+' of subnet '\w+' has no route to logs\.eu-west-1\.amazonaws\.com\)$/,
    ],
    [
      'subnets of which only one leads out',
      () => projectIn(without(practice('single-nat'), 'Route', 'VpcPrivateSubnet2')),
      /^Build does not have internet connectivity\. Please check subnet network configuration \(route table 'VpcPrivateSubnet2RouteTable\w+' /,
    ],
  ])('fails in %s', async (_what, resources, message) => {
    const { result } = await build(resources());

    expect(result.status).toBe('FAILED');
    expect(result.phases.find(({ phaseStatus }) => phaseStatus === 'FAILED')).toMatchObject({
      phaseType: 'PROVISIONING',
      statusCode: 'VPC_CLIENT_ERROR',
      message: expect.stringMatching(message),
    });
    expect(fixture.log).toEqual([]);
  });

  test.each([
    ...EC2_ACTIONS.map((action): [string, object] => [
      action,
      { actions: EC2_ACTIONS.filter((other) => other !== action) },
    ]),
    ['ec2:CreateNetworkInterfacePermission', { authorizedService: 'lambda.amazonaws.com' }],
  ])('fails when its role lacks %s', async (action, policy) => {
    const { result } = await build(projectIn(practice('single-nat'), 'Private', policy));

    expect(result.failure).toMatch(
      new RegExp(
        `Phase: PROVISIONING, Code: VPC_CLIENT_ERROR, Message: Unexpected EC2 error: UnauthorizedOperation \\(.* is not authorized to perform: ${action} on resource: `,
      ),
    );
  });

  test('lets its calls of aws and docker ask the network', async () => {
    // S3 and the log by endpoints, everything else by nothing.
    const resources = projectIn(without(practice('single-nat'), 'Route', 'VpcPrivate'));
    const vpc = Object.keys(resources).find((id) => /^Vpc\w{8}$/.test(id));
    resources['LogsEndpoint'] = {
      Type: 'AWS::EC2::VPCEndpoint',
      Properties: {
        VpcId: { Ref: vpc },
        ServiceName: 'com.amazonaws.eu-west-1.logs',
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: true,
        SubnetIds: subnetIds(resources, 'Private').map((id) => ({ Ref: id })),
        SecurityGroupIds: [{ 'Fn::GetAtt': ['EndpointGroup', 'GroupId'] }],
      },
    };
    resources['EndpointGroup'] = {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        VpcId: { Ref: vpc },
        GroupDescription: 'endpoints',
        SecurityGroupIngress: [
          { CidrIp: '10.0.0.0/16', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 },
        ],
      },
    };
    const { result, barrierTo } = await build(resources);

    expect(result.status).toBe('SUCCEEDED');
    expect(barrierTo?.('s3')).toBeUndefined();
    expect(barrierTo?.('ecr.dkr')).toContain('has no route to ecr.dkr.eu-west-1.amazonaws.com');
  });
});
