import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import type { EndpointType } from '../../src/ec2/reachability-questions';
import { deployedResource } from '../_helpers/deployed-resource';
import {
  account,
  containerProperties,
  ecsAccount,
  region,
  repository,
  serviceResource,
} from './_helpers/ecs-account';
import { targetGroupArn } from './_helpers/fake-targets';

const DUAL_STACK_IMAGE = `${account}.dkr-ecr.${region}.on.aws/practice/api:one`;
const loadBalancerArn = `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/api/0123456789abcdef`;

const subnet = (id: string, zone: string, properties: Record<string, unknown>) =>
  deployedResource(
    'AWS::EC2::Subnet',
    { AvailabilityZone: region + zone, ...properties },
    { physicalId: id, logicalId: id },
  );

/** Two subnets without IPv4, and the load balancer of the service. */
function surroundings(
  options: {
    targetGroup?: Record<string, unknown>;
    loadBalancer?: Record<string, unknown>;
    publicSubnet?: Record<string, unknown>;
  } = {},
): DeployedResource[] {
  return [
    subnet('native-a', 'a', { Ipv6Native: true, Ipv6CidrBlock: '2001:db8:0:a::/64' }),
    subnet('native-b', 'b', { Ipv6Native: 'true', Ipv6CidrBlock: '2001:db8:0:b::/64' }),
    subnet('public', 'a', {
      CidrBlock: '10.0.0.0/24',
      Ipv6CidrBlock: '2001:db8:0:c::/64',
      ...options.publicSubnet,
    }),
    deployedResource(
      'AWS::ElasticLoadBalancingV2::TargetGroup',
      { IpAddressType: 'ipv6', ...options.targetGroup },
      { physicalId: targetGroupArn, logicalId: 'Targets' },
    ),
    deployedResource(
      'AWS::ElasticLoadBalancingV2::Listener',
      { LoadBalancerArn: loadBalancerArn, DefaultActions: [{ TargetGroupArn: targetGroupArn }] },
      { physicalId: 'listener' },
    ),
    deployedResource(
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      { IpAddressType: 'dualstack', Subnets: ['public'], ...options.loadBalancer },
      { physicalId: loadBalancerArn, logicalId: 'Alb' },
    ),
  ];
}

const inSubnets = (Subnets: readonly string[], properties: Record<string, unknown> = {}) =>
  serviceResource({ NetworkConfiguration: { AwsvpcConfiguration: { Subnets } }, ...properties });

describe('a service in subnets without IPv4', () => {
  test('has tasks with addresses of IPv6, which its target group and its events know', async () => {
    const ecs = ecsAccount({ resources: surroundings() });
    ecs.controlPlane.createService(inSubnets(['native-a', 'native-b']));
    await ecs.clock.advance(60_000);

    expect(ecs.targets.calls).toEqual(['register 2001:db8:0:a::4', 'register 2001:db8:0:b::4']);
    const running = ecs
      .awsEvents('ECS Task State Change')
      .map(({ detail }) => detail as { lastStatus: string; containers: Record<string, unknown>[] })
      .find(({ lastStatus }) => lastStatus === 'RUNNING');
    expect(running?.containers[0]?.['networkInterfaces']).toEqual([
      { attachmentId: expect.any(String), ipv6Address: '2001:db8:0:a::4' },
    ]);
    expect(JSON.stringify(running)).not.toContain('privateI');
    expect(ecs.tasks('RUNNING')).toHaveLength(2);
  });

  test('is reached by 127.0.0.1 here, which the report says', () => {
    const ecs = ecsAccount({ resources: surroundings() });
    ecs.controlPlane.createService(inSubnets(['native-a', 'native-b']));

    expect(ecs.events).toContainEqual(
      expect.objectContaining({
        kind: 'unproven',
        message: expect.stringMatching(/^the tasks of service 'api-service' have no IPv4 on AWS; /),
      }),
    );
  });

  test.each([
    [
      'some subnets that have IPv4',
      surroundings(),
      ['native-a', 'public'],
      {},
      'some of its subnets are Ipv6Native and some are not',
    ],
    [
      'an older platform version',
      surroundings(),
      ['native-a'],
      { PlatformVersion: '1.3.0' },
      "which Fargate has since platform version 1.4.0, and PlatformVersion is '1.3.0'",
    ],
    [
      'a target group of IPv4',
      surroundings({ targetGroup: { IpAddressType: 'ipv4' } }),
      ['native-a'],
      {},
      "target group 'Targets' takes targets of IPv4 only. Set its IpAddressType to 'ipv6'.",
    ],
    [
      'a load balancer of IPv4',
      surroundings({ loadBalancer: { IpAddressType: 'ipv4' } }),
      ['native-a'],
      {},
      "load balancer 'Alb' has IPv4 only. Set its IpAddressType to 'dualstack'.",
    ],
    [
      'a load balancer in a subnet without IPv6',
      surroundings({ publicSubnet: { Ipv6CidrBlock: undefined } }),
      ['native-a'],
      {},
      "load balancer 'Alb' is dual-stack and in subnet 'public', which has no Ipv6CidrBlock.",
    ],
  ])('is refused with %s', (_what, resources, subnets, properties, why) => {
    const { controlPlane } = ecsAccount({ resources });

    expect(() => controlPlane.createService(inSubnets(subnets, properties))).toThrow(why);
  });
});

test('a target group of IPv6 is refused for tasks that have IPv4', () => {
  const { controlPlane } = ecsAccount({ resources: surroundings() });

  expect(() => controlPlane.createService(inSubnets(['public']))).toThrow(
    "target group 'Targets' has IpAddressType 'ipv6', and AWS documents that only for services in subnets without IPv4",
  );
});

describe('the image of a task without IPv4', () => {
  /** What ECS asks the network for, and how the task ends when nothing can be reached by IPv4 names. */
  async function start(Image: string) {
    const asked: [string, EndpointType | undefined][] = [];
    const ecs = ecsAccount({
      resources: surroundings(),
      taskDefinition: { ContainerDefinitions: [{ ...containerProperties, Image }] },
      network: {
        barrierToAwsService: (_from, service, endpointType) => {
          asked.push([service, endpointType]);
          return endpointType === 'ipv4' ? 'no way' : undefined;
        },
        barrierToInternet: () => undefined,
        denialByEndpoint: () => undefined,
      },
    });
    ecs.controlPlane.createService(inSubnets(['native-a'], { DesiredCount: 1 }));
    await ecs.clock.advance(1000);
    return { asked, task: ecs.controlPlane.tasks()[0]! };
  }

  test('is asked for by the name that the task definition has', async () => {
    const { asked, task } = await start(DUAL_STACK_IMAGE);

    expect(asked).toEqual([
      ['ecr.api', undefined],
      ['logs', undefined],
      ['ecr.dkr', 'dualstack'],
      ['s3', 'dualstack'],
    ]);
    expect(task.lastStatus).toBe('RUNNING');
  });

  test('cannot be pulled by a name of IPv4 that the network does not lead to', async () => {
    const { task } = await start(`${repository}:one`);

    expect(task.stoppedReason).toBe(
      `CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${repository}:one: failed to do request: Head "https://${account}.dkr.ecr.${region}.amazonaws.com/v2/practice/api/manifests/one": dial tcp: i/o timeout (no way)`,
    );
  });
});
