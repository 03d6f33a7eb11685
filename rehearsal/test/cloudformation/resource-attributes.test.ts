import { identifyResource } from '../../src/cloudformation/resource-attributes';

const identify = (type: string, properties: object = {}, logicalId = 'Thing') =>
  identifyResource({
    type,
    logicalId,
    stack: 'EcsCodePipelinePracticeStack',
    properties: properties as Record<string, unknown>,
    account: '000000000000',
    region: 'ap-northeast-2',
  });
const arn = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000';

test('a task definition is referred to by the ARN of its first revision', () => {
  expect(identify('AWS::ECS::TaskDefinition', { Family: 'api' })).toMatchObject({
    physicalId: 'arn:aws:ecs:ap-northeast-2:000000000000:task-definition/api:1',
    name: 'api',
  });
});

test('the ARN of a service names its cluster, whether that is given by name, by ARN or not at all', () => {
  const serviceArn = (Cluster?: string) =>
    identify('AWS::ECS::Service', { ServiceName: 'api', Cluster }).physicalId.split(':').at(-1);

  expect(serviceArn('shop')).toBe('service/shop/api');
  expect(serviceArn('arn:aws:ecs:ap-northeast-2:000000000000:cluster/shop')).toBe(
    'service/shop/api',
  );
  expect(serviceArn()).toBe('service/default/api');
});

test('listeners and rules carry the ids of what they belong to', () => {
  const balancer = identify('AWS::ElasticLoadBalancingV2::LoadBalancer', { Name: 'web' });
  const listener = identify('AWS::ElasticLoadBalancingV2::Listener', {
    LoadBalancerArn: balancer.physicalId,
  });
  const rule = identify('AWS::ElasticLoadBalancingV2::ListenerRule', {
    ListenerArn: listener.physicalId,
  });

  expect(balancer.physicalId).toMatch(new RegExp(`^${arn}:loadbalancer/app/web/[0-9a-f]{16}$`));
  expect(listener.physicalId).toMatch(
    new RegExp(`^${arn}:listener/app/web/[0-9a-f]{16}/[0-9a-f]{16}$`),
  );
  expect(rule.physicalId).toMatch(new RegExp(`^${arn}:listener-rule/app/web(/[0-9a-f]{16}){3}$`));
});

test('a metric finds a load balancer and a target group by the ends of their ARNs', () => {
  for (const [type, attribute] of [
    ['LoadBalancer', 'LoadBalancerFullName'],
    ['TargetGroup', 'TargetGroupFullName'],
  ] as const) {
    const { physicalId, attributes } = identify(`AWS::ElasticLoadBalancingV2::${type}`);
    expect(physicalId.endsWith(attributes[attribute]!)).toBe(true);
  }
});

test('generated names are cut to what the service takes and stay different', () => {
  const names = ['ApiLoadBalancerOne', 'ApiLoadBalancerTwo'].map(
    (logicalId) => identify('AWS::ElasticLoadBalancingV2::LoadBalancer', {}, logicalId).name!,
  );

  expect(names.every((name) => name.length <= 32)).toBe(true);
  expect(new Set(names).size).toBe(2);
  expect(identify('AWS::IAM::Role', {}, 'A'.repeat(60)).name!.length).toBeLessThanOrEqual(64);
  expect(identify('AWS::S3::Bucket').name).toMatch(/^[a-z0-9-]{1,63}$/);
});

test('a generated name has the stack, the logical id and thirteen characters', () => {
  expect(identify('AWS::CodeBuild::Project', {}, 'Build').name).toMatch(
    /^EcsCodePipelinePracticeStack-Build-[0-9A-Z]{13}$/,
  );
});

test.each([
  [
    'AWS::IAM::Role',
    { RoleName: 'r', Path: '/team/' },
    { Arn: 'arn:aws:iam::000000000000:role/team/r' },
  ],
  [
    'AWS::Logs::LogGroup',
    { LogGroupName: '/ecs/api' },
    { Arn: 'arn:aws:logs:ap-northeast-2:000000000000:log-group:/ecs/api:*' },
  ],
  [
    'AWS::ECR::Repository',
    { RepositoryName: 'shop/api' },
    { RepositoryUri: '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com/shop/api' },
  ],
  [
    'AWS::SSM::Parameter',
    { Name: '/shop/tag', Type: 'String', Value: 'v1' },
    { Value: 'v1', Arn: 'arn:aws:ssm:ap-northeast-2:000000000000:parameter/shop/tag' },
  ],
  [
    'AWS::CodePipeline::Pipeline',
    { Name: 'p' },
    { Version: '1', Arn: 'arn:aws:codepipeline:ap-northeast-2:000000000000:p' },
  ],
  [
    'AWS::EC2::Subnet',
    { CidrBlock: '10.0.1.0/24', AvailabilityZone: 'ap-northeast-2b' },
    { CidrBlock: '10.0.1.0/24', AvailabilityZone: 'ap-northeast-2b' },
  ],
])('%s offers the attributes that CloudFormation documents', (type, properties, attributes) => {
  expect(identify(type, properties).attributes).toMatchObject(attributes);
});

test('a type that nobody described has a name and an ARN, nothing else', () => {
  const { physicalId, attributes } = identify('Custom::S3AutoDeleteObjects');

  expect(physicalId).toMatch(/^EcsCodePipelinePracticeStack-Thing-/);
  expect(Object.keys(attributes)).toEqual(['Arn']);
});
