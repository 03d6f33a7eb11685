import { readServiceDefinition } from '../../src/ecs/service-definition';
import { readTaskDefinition, withImages } from '../../src/ecs/task-definition';
import { TaskDefinitionRegistry } from '../../src/ecs/task-definition-registry';
import {
  containerProperties,
  repository,
  serviceResource,
  taskDefinitionResource,
} from './_helpers/ecs-account';

describe('a task definition', () => {
  test('is read with the defaults of the API', () => {
    const definition = readTaskDefinition(taskDefinitionResource());
    expect(definition).toMatchObject({ family: 'api', cpu: 256, memory: 512 });
    expect(definition.containerDefinitions[0]).toMatchObject({
      name: 'api-container',
      essential: true,
      stopTimeout: 30,
      containerPorts: [3000],
      healthCheck: undefined,
      readonlyRootFilesystem: false,
    });
  });

  test.each([
    [
      'two containers of one name',
      [containerProperties, containerProperties],
      /Container name should be unique/,
    ],
    [
      'no essential container',
      [{ ...containerProperties, Essential: 'false' }],
      /At least one container must be essential/,
    ],
    [
      'a stop timeout that Fargate does not take',
      [{ ...containerProperties, StopTimeout: 300 }],
      /ContainerDefinitions\.0\.StopTimeout: .*got 300/,
    ],
    [
      'a dependency on a container that is not there',
      [{ ...containerProperties, DependsOn: [{ ContainerName: 'db', Condition: 'START' }] }],
      /depends on 'db', which is not defined/,
    ],
    [
      'containers that wait for each other',
      [
        { ...containerProperties, DependsOn: [{ ContainerName: 'b', Condition: 'START' }] },
        {
          ...containerProperties,
          Name: 'b',
          DependsOn: [{ ContainerName: 'api-container', Condition: 'START' }],
        },
      ],
      /depends on itself, directly or through others/,
    ],
  ])('with %s is refused', (_case, containers, message) => {
    expect(() =>
      readTaskDefinition(taskDefinitionResource({ ContainerDefinitions: containers })),
    ).toThrow(message);
  });

  test('without an execution role is refused, as images come from ECR', () => {
    expect(() =>
      readTaskDefinition(taskDefinitionResource({ ExecutionRoleArn: undefined })),
    ).toThrow(/Fargate requires task definition to have execution role ARN/);
  });

  test('for another network mode than that of Fargate cannot be played', () => {
    expect(() => readTaskDefinition(taskDefinitionResource({ NetworkMode: 'bridge' }))).toThrow(
      /NetworkMode: only awsvpc.*got "bridge"/,
    );
  });

  test('gets new images for the named containers and keeps everything else', () => {
    const definition = readTaskDefinition(
      taskDefinitionResource({
        ContainerDefinitions: [containerProperties, { ...containerProperties, Name: 'sidecar' }],
      }),
    );
    const next = withImages(definition, [{ name: 'sidecar', imageUri: `${repository}:two` }]);
    expect(next.containerDefinitions.map(({ image }) => image)).toEqual([
      `${repository}:one`,
      `${repository}:two`,
    ]);
    expect({ ...next, containerDefinitions: [] }).toEqual({
      ...definition,
      containerDefinitions: [],
    });
  });

  test('has the container names in the error when an image is for another one', () => {
    const definition = readTaskDefinition(taskDefinitionResource());
    expect(() => withImages(definition, [{ name: 'api', imageUri: 'x' }])).toThrow(
      "The image definitions name the container 'api', but task definition 'api' has only 'api-container'.",
    );
  });
});

describe('the revisions of a family', () => {
  test('are counted up and found by ARN, by name with revision, and by family for the latest', () => {
    const registry = new TaskDefinitionRegistry('000000000000', 'eu-west-1', () => 0);
    const definition = readTaskDefinition(taskDefinitionResource());
    const first = registry.register(definition);
    const second = registry.register(definition);
    expect([first.revision, second.revision]).toEqual([1, 2]);
    expect(registry.describe(first.taskDefinitionArn)).toBe(first);
    expect(registry.describe('api:1')).toBe(first);
    expect(registry.describe('api')).toBe(second);
    expect(() => registry.describe('api:3')).toThrow('Unable to describe task definition.');
  });
});

describe('a service', () => {
  test('is read with the defaults of the API where the template says nothing', () => {
    const service = readServiceDefinition(
      serviceResource({ DesiredCount: undefined, DeploymentConfiguration: undefined }),
    );
    expect(service).toMatchObject({
      desiredCount: 1,
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      healthCheckGracePeriodSeconds: 0,
      circuitBreaker: { enable: false, rollback: false },
    });
  });

  test('takes its breaker threshold from the template', () => {
    const { circuitBreaker } = readServiceDefinition(
      serviceResource({
        DeploymentConfiguration: {
          DeploymentCircuitBreaker: {
            Enable: true,
            Rollback: true,
            ThresholdConfiguration: { Type: 'COUNT', Value: 2 },
          },
        },
      }),
    );
    expect(circuitBreaker).toEqual({
      enable: true,
      rollback: true,
      resetOnHealthyTask: true,
      thresholdType: 'COUNT',
      thresholdValue: 2,
    });
  });

  test.each([
    [
      { DeploymentController: { Type: 'CODE_DEPLOY' } },
      /DeploymentController\.Type: only ECS.*"CODE_DEPLOY"/,
    ],
    [{ DeploymentController: { Type: 'EXTERNAL' } }, /"EXTERNAL"/],
    [
      { DeploymentConfiguration: { Strategy: 'BLUE_GREEN' } },
      /Strategy: only ROLLING.*"BLUE_GREEN"/,
    ],
    [{ SchedulingStrategy: 'DAEMON' }, /only REPLICA.*"DAEMON"/],
    [{ LaunchType: 'EC2' }, /only FARGATE.*"EC2"/],
    [{ DesiredCount: -1 }, /DesiredCount: .*got -1/],
  ])('with %j cannot be played', (properties, message) => {
    expect(() => readServiceDefinition(serviceResource(properties))).toThrow(message);
  });
});
