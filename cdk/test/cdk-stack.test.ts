import { App } from 'aws-cdk-lib/core';
import { Match } from 'aws-cdk-lib/assertions';
import { CdkStack } from '../lib/cdk-stack';
import {
  actionsOf,
  allPropertiesOf,
  pairs,
  propertiesOf,
  serviceStack,
  serviceTemplate,
  statementsOf,
  testApp,
} from './_helpers/synth';
import { outputDirectory } from './_helpers/output-directory';

const template = serviceTemplate();

describe('the release loses no request', () => {
  const service = propertiesOf(template, 'AWS::ECS::Service');
  const targetGroup = propertiesOf(template, 'AWS::ElasticLoadBalancingV2::TargetGroup');

  test('two tasks run, and a release starts two new ones before it stops the old', () => {
    expect(service['DesiredCount']).toBe(2);
    expect(service['DeploymentConfiguration']).toMatchObject({
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
    });
  });

  test('two failed tasks are enough to go back to the version before', () => {
    expect(service['DeploymentConfiguration']['DeploymentCircuitBreaker']).toEqual({
      Enable: true,
      Rollback: true,
      ThresholdConfiguration: { Type: 'COUNT', Value: 2 },
    });
  });

  test('tasks spread over the zones again after a zone was lost', () => {
    expect(service['AvailabilityZoneRebalancing']).toBe('ENABLED');
  });

  test('the health check asks /health on the container port and leaves nothing to defaults', () => {
    expect(targetGroup).toMatchObject({
      TargetType: 'ip',
      Port: 3000,
      Protocol: 'HTTP',
      HealthCheckPath: '/health',
      Matcher: { HttpCode: '200' },
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 4,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 3,
    });
    expect(service['HealthCheckGracePeriodSeconds']).toBe(30);
  });

  test('an old task has 15 seconds to finish its requests', () => {
    expect(pairs(targetGroup['TargetGroupAttributes'])).toMatchObject({
      'deregistration_delay.timeout_seconds': '15',
    });
  });

  test('the load balancer says its idle timeout, drops invalid headers and mitigates desync', () => {
    const loadBalancer = propertiesOf(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(loadBalancer).toMatchObject({ Scheme: 'internet-facing', Type: 'application' });
    expect(pairs(loadBalancer['LoadBalancerAttributes'])).toMatchObject({
      'idle_timeout.timeout_seconds': '60',
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'defensive',
    });
  });

  test('the first deploy starts no task before the way to ECR and the right to pull exist', () => {
    template.hasResource('AWS::ECS::Service', {
      DependsOn: Match.arrayWith([
        Match.stringLikeRegexp('Listener'),
        Match.stringLikeRegexp('ExecutionRoleDefaultPolicy'),
        Match.stringLikeRegexp('PrivateSubnet1DefaultRoute'),
        Match.stringLikeRegexp('PrivateSubnet2DefaultRoute'),
      ]),
    });
  });
});

describe('the container', () => {
  const task = propertiesOf(template, 'AWS::ECS::TaskDefinition');
  const [container] = task['ContainerDefinitions'];

  test('is a quarter of an ARM CPU with half a gigabyte', () => {
    expect(task).toMatchObject({
      Cpu: '256',
      Memory: '512',
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
  });

  test('runs the image of the last successful release, as CloudFormation finds it when it deploys', () => {
    template.hasParameter('ImageTag', {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/ecs-codepipeline-practice/api/image-tag',
    });
    expect(JSON.stringify(container['Image'])).toMatch(
      /ecs-codepipeline-practice\/api:",\{"Ref":"ImageTag"\}/,
    );
  });

  test('has no root, no capabilities, no writable disk and thirty seconds to stop', () => {
    expect(container).toMatchObject({
      Name: 'api-container',
      User: '1000:1000',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
      StopTimeout: 30,
      PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
    });
    expect(pairs(container['Environment'])).toEqual({ NODE_ENV: 'production', PORT: '3000' });
  });

  test('is judged by the load balancer alone', () => {
    expect(container).not.toHaveProperty('HealthCheck');
  });

  test('logs into a group that forgets after a month', () => {
    expect(propertiesOf(template, 'AWS::Logs::LogGroup')).toMatchObject({
      LogGroupName: '/ecs/ecs-codepipeline-practice/api',
      RetentionInDays: 30,
    });
  });

  test('can do nothing in the account, and is started by a role that can pull one repository', () => {
    expect(statementsOf(template, 'ApiTaskDefTaskRole')).toEqual([]);
    expect(actionsOf(template, 'ApiTaskDefExecutionRole')).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ]);
  });
});

describe('the network', () => {
  test('lets the world reach port 80 of the load balancer and nothing else', () => {
    const open = Object.entries(allPropertiesOf(template, 'AWS::EC2::SecurityGroup')).flatMap(
      ([id, group]) =>
        ((group['SecurityGroupIngress'] ?? []) as Record<string, unknown>[]).map((rule) => [
          id.replace(/[0-9A-F]{8}$/, ''),
          rule['CidrIp'],
          rule['FromPort'],
          rule['ToPort'],
        ]),
    );
    expect(open).toEqual([['AlbSecurityGroup', '0.0.0.0/0', 80, 80]]);
  });

  test('lets only the load balancer reach the tasks, on the container port', () => {
    expect(propertiesOf(template, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({
      FromPort: 3000,
      ToPort: 3000,
      IpProtocol: 'tcp',
      GroupId: { 'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'] },
      SourceSecurityGroupId: {
        'Fn::GetAtt': [expect.stringMatching(/^AlbSecurityGroup/), 'GroupId'],
      },
    });
  });

  test.each([
    ['single-nat', 1, 'DISABLED', 'VpcPrivateSubnet1'],
    ['nat-per-az', 2, 'DISABLED', 'VpcPrivateSubnet1'],
    ['public-ip', 0, 'ENABLED', 'VpcPublicSubnet1'],
  ] as const)('with egress %s has %i NAT gateways', (egress, gateways, assignPublicIp, subnet) => {
    const chosen = serviceTemplate({ egress });
    chosen.resourceCountIs('AWS::EC2::NatGateway', gateways);
    chosen.hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: {
        AwsvpcConfiguration: {
          AssignPublicIp: assignPublicIp,
          Subnets: Match.arrayWith([{ Ref: Match.stringLikeRegexp(`^${subnet}`) }]),
        },
      },
    });
  });

  test('reaches image layers in S3 without paying the NAT gateway', () => {
    expect(propertiesOf(template, 'AWS::EC2::VPCEndpoint')).toMatchObject({
      VpcEndpointType: 'Gateway',
    });
  });
});

test('the repository is not in the stack, because the first image is pushed before it', () => {
  template.resourceCountIs('AWS::ECR::Repository', 0);
});

test('nothing in the stack needs code of ours in the account', () => {
  template.resourceCountIs('AWS::Lambda::Function', 0);
});

test('the outputs say where the service is and what it is called', () => {
  expect(Object.keys(template.findOutputs('*')).sort()).toEqual([
    'AlbDnsName',
    'DashboardUrl',
    'EcrRepositoryUri',
    'EcsClusterName',
    'EcsServiceName',
  ]);
});

test('the stack can be created just by its name', () => {
  const stack = new CdkStack(new App({ outdir: outputDirectory() }), 'X');
  expect(stack).toMatchObject({
    containerName: 'api-container',
    cpuArchitecture: 'ARM64',
    egress: 'single-nat',
  });
  for (const part of [
    'vpc',
    'ecsCluster',
    'ecsService',
    'ecrRepository',
    'taskDefinition',
    'alb',
  ]) {
    expect(stack).toHaveProperty(part);
  }
});

test('a second service moves into the cluster of the first', () => {
  const app = testApp();
  const first = serviceStack({ egress: 'public-ip' }, app);
  const second = serviceStack({ serviceName: 'web', shareClusterOf: first }, app, 'Second');
  expect(second.vpc).toBe(first.vpc);
  expect(second.egress).toBe('public-ip');
  expect(second.names).toMatchObject({
    cluster: 'ecs-codepipeline-practice-cluster',
    service: 'web-service',
    repository: 'ecs-codepipeline-practice/web',
  });
});
