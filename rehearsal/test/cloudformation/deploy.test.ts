import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCloudAssembly } from '../../src/cloudformation/cloud-assembly';
import { deployStacks, type DeployOptions } from '../../src/cloudformation/deploy';
import type { DeployedResource } from '../../src/cloudformation/deployed-resource';
import { deployTemplate, nothingStored } from './deploy-template';

const shop = readCloudAssembly(join(dirname(fileURLToPath(import.meta.url)), 'fixtures/shop'));
const stored: Record<string, string> = { '/shop/image-tag': 'abc1234' };
const options: DeployOptions = {
  account: '000000000000',
  region: 'eu-west-1',
  lookups: {
    ssmParameter: (name) => stored[name],
    secretString: (id) => (id.includes('shop/token') ? '{"hook":"h00k"}' : undefined),
  },
};

describe('deploying an assembly', () => {
  const deployed = deployStacks(shop, options);

  test('every stack is there, with its outputs', () => {
    expect(deployed.stacks.map(({ name }) => name)).toEqual([
      'shop-service',
      'CicdStack',
      'Prod-Inner',
    ]);
    expect(deployed.stack('shop-service')!.outputs).toEqual({
      ServiceName: 'api',
      Url: expect.stringMatching(/^http:\/\/.+\.eu-west-1\.elb\.amazonaws\.com$/),
    });
  });

  test('a value crosses from one stack to the next through its export', () => {
    const project = deployed.find('AWS::CodeBuild::Project', 'shop-build')!;

    expect(project.properties.Environment).toEqual({
      EnvironmentVariables: [{ Name: 'SERVICE', Value: 'api' }],
    });
  });

  test('the image tag comes from the parameter store', () => {
    const definition = deployed.ofType('AWS::ECS::TaskDefinition')[0]!;

    expect(definition.properties.ContainerDefinitions).toEqual([
      {
        Name: 'api',
        Image: '000000000000.dkr.ecr.eu-west-1.amazonaws.com/shop/api:abc1234',
        Environment: [{ Name: 'COLOR', Value: 'blue' }],
      },
    ]);
  });

  test('a secret of the same stack can be referred to', () => {
    expect(deployed.ofType('AWS::CodePipeline::Webhook')[0]!.properties).toEqual({
      AuthenticationConfiguration: { SecretToken: 'h00k' },
    });
  });

  test('a service is found by its name and by its ARN, and knows where the app defined it', () => {
    const byName = deployed.find('AWS::ECS::Service', 'api')!;

    expect(byName.physicalId).toBe('arn:aws:ecs:eu-west-1:000000000000:service/shop/api');
    expect(byName.constructPath).toBe('ServiceStack/Service/Service');
    expect(deployed.find('AWS::ECS::Service', byName.physicalId)).toBe(byName);
    expect(deployed.find('AWS::ECS::Cluster', 'api')).toBeUndefined();
  });

  test('a stack that is bound to an account and a region is deployed there', () => {
    expect(deployed.ofType('AWS::SNS::Topic')[0]!.physicalId).toMatch(
      /^arn:aws:sns:us-east-1:111122223333:Prod-Inner-Topic-[0-9A-Z]{13}$/,
    );
  });

  test('resources are created after what they refer to or wait for', () => {
    const created = deployed.stack('shop-service')!.resources.map(({ logicalId }) => logicalId);

    expect([...created].sort()).toEqual([
      'Cluster',
      'Listener',
      'LoadBalancer',
      'Service',
      'TargetGroup',
      'TaskDefinition',
    ]);
    expect(created.indexOf('LoadBalancer')).toBeLessThan(created.indexOf('Listener'));
    expect(created.at(-1)).toBe('Service');
  });

  test('two deploys give the same names', () => {
    expect(deployStacks(shop, options).all).toEqual(deployed.all);
  });
});

describe('deploying stack after stack', () => {
  test('a later deploy imports what an earlier one exported and sees what was stored since', () => {
    const first = deployStacks(shop, { ...options, stacks: ['shop-service'] });
    const seen: string[] = [];
    const second = deployStacks(shop, {
      ...options,
      stacks: ['CicdStack'],
      previous: first,
      onCreate: ({ logicalId }) => seen.push(logicalId),
    });

    expect(first.stacks.map(({ name }) => name)).toEqual(['shop-service']);
    expect(second.stacks.map(({ name }) => name)).toEqual(['shop-service', 'CicdStack']);
    expect(second.all.slice(0, first.all.length)).toEqual(first.all);
    expect(seen.sort()).toEqual(['Project', 'Token', 'Webhook']);
  });

  test('a stack brings the stacks that it needs', () => {
    const { stacks } = deployStacks(shop, { ...options, stacks: ['CicdStack'] });

    expect(stacks.map(({ name }) => name)).toEqual(['shop-service', 'CicdStack']);
  });

  test('deploying a stack again replaces what it was', () => {
    const first = deployStacks(shop, { ...options, stacks: ['shop-service'] });
    const again = deployStacks(shop, {
      ...options,
      lookups: { ...options.lookups, ssmParameter: () => 'def5678' },
      stacks: ['shop-service'],
      previous: first,
    });

    expect(again.stacks).toHaveLength(1);
    expect(JSON.stringify(again.ofType('AWS::ECS::TaskDefinition')[0])).toContain('api:def5678');
  });

  test('a stack that does not exist is named with those that do', () => {
    expect(() => deployStacks(shop, { ...options, stacks: ['Service'] })).toThrow(
      "has no stack 'Service'; it has ServiceStack, CicdStack, Prod/Inner",
    );
  });

  test('each resource is announced once everything that it refers to exists', () => {
    const announced: DeployedResource[] = [];
    const secrets = new Map<string, string>();
    const stack = deployTemplate(
      {
        Resources: {
          Reader: {
            Type: 'Test::Type::Reader',
            Properties: {
              Value: { 'Fn::Sub': '{{resolve:secretsmanager:${Secret}:SecretString:::}}' },
            },
          },
          Secret: { Type: 'AWS::SecretsManager::Secret' },
        },
      },
      {
        lookups: { ...nothingStored, secretString: (id) => secrets.get(id) },
        onCreate: (resource) => {
          announced.push(resource);
          if (resource.logicalId === 'Secret') secrets.set(resource.physicalId, 's3cr3t');
        },
      },
    );

    expect(announced).toEqual(stack.resources);
    expect(stack.resources.map(({ logicalId }) => logicalId)).toEqual(['Secret', 'Reader']);
    expect(stack.resources[1]!.properties.Value).toBe('s3cr3t');
  });
});

describe('what CloudFormation refuses', () => {
  const topic = (properties: object = {}, rest: object = {}) => ({
    Type: 'AWS::SNS::Topic',
    Properties: properties,
    ...rest,
  });

  test('an export that nobody made', () => {
    expect(() =>
      deployTemplate({ Resources: { T: topic({ TopicName: { 'Fn::ImportValue': 'gone' } }) } }),
    ).toThrow('No export named gone found');
  });

  test('resources that refer to each other in a circle', () => {
    const Resources = {
      A: topic({ TopicName: { Ref: 'B' } }),
      B: topic({}, { DependsOn: 'C' }),
      C: topic({ TopicName: { 'Fn::GetAtt': ['A', 'TopicName'] } }),
    };

    expect(() => deployTemplate({ Resources })).toThrow(
      'Circular dependency between resources: [A, B, C]',
    );
  });

  test('a reference to a resource that its condition leaves out', () => {
    const template = {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Left: topic({}, { Condition: 'Never' }),
        Right: topic({ TopicName: { 'Fn::GetAtt': ['Left', 'TopicName'] } }),
      },
    };

    expect(() => deployTemplate(template)).toThrow('Unresolved resource dependencies [Left]');
  });

  test('two stacks that export the same name', () => {
    const one = { Outputs: { O: { Value: 'a', Export: { Name: 'same' } } } };

    expect(() =>
      deployTemplate({
        ...one,
        Outputs: { ...one.Outputs, P: { Value: 'b', Export: { Name: 'same' } } },
      }),
    ).toThrow('Export with name same is already exported');
  });

  test('resources and outputs whose condition does not hold are left out', () => {
    const stack = deployTemplate({
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Left: topic({}, { Condition: 'Never' }),
        Kept: topic({}, { DependsOn: 'Left' }),
      },
      Outputs: { O: { Value: { Ref: 'Left' }, Condition: 'Never' } },
    });

    expect(stack.resources.map(({ logicalId }) => logicalId)).toEqual(['Kept']);
    expect(stack.outputs).toEqual({});
  });
});
