import {
  allPropertiesOf,
  HARDENED,
  pairs,
  type Properties,
  propertiesOf,
  serviceTemplate,
} from './_helpers/synth';

/** What Security Hub and Control Tower look at; SECURITY.md says which control is which test. */
const template = serviceTemplate();
const service = propertiesOf(template, 'AWS::ECS::Service');
const task = propertiesOf(template, 'AWS::ECS::TaskDefinition');
const containers = task['ContainerDefinitions'] as Properties[];

test('the service runs on the latest Fargate platform', () => {
  expect(service['LaunchType']).toBe('FARGATE');
  expect([undefined, 'LATEST']).toContain(service['PlatformVersion']);
});

test('tasks have no public address unless egress asks for one', () => {
  const addressOf = (of: Properties) =>
    of['NetworkConfiguration']['AwsvpcConfiguration']['AssignPublicIp'] as unknown;
  expect(addressOf(service)).toBe('DISABLED');
  const without = serviceTemplate({ egress: 'public-ip' });
  expect(addressOf(propertiesOf(without, 'AWS::ECS::Service'))).toBe('ENABLED');
  template.resourceCountIs('AWS::ECS::TaskSet', 0);
});

test('tasks have a network of their own, never that of a host', () => {
  expect(task['NetworkMode']).toBe('awsvpc');
});

test('tasks share no namespace of processes with a host', () => {
  expect(task).not.toHaveProperty('PidMode');
});

test('no container is privileged', () => {
  expect(containers).toHaveLength(1);
  for (const container of containers) expect(container['Privileged'] ?? false).toBe(false);
});

test('no container runs as root', () => {
  for (const container of containers) {
    expect(container['User']).toMatch(/^[1-9]\d*(:[1-9]\d*)?$/);
  }
});

test('no container can write to its root file system', () => {
  for (const container of containers) expect(container['ReadonlyRootFilesystem']).toBe(true);
});

test('no container gets a secret as an environment variable', () => {
  for (const container of containers) {
    expect(Object.keys(pairs(container['Environment']))).toEqual(['NODE_ENV', 'PORT']);
  }
});

test('every container writes a log', () => {
  for (const container of containers) {
    expect(container['LogConfiguration']).toMatchObject({ LogDriver: 'awslogs' });
  }
});

test('every container has a limit of memory', () => {
  for (const container of containers) expect(container['Memory']).toBe(512);
});

test('no task mounts a file system, encrypted on its way or not', () => {
  expect(task).not.toHaveProperty('Volumes');
});

test('tasks run on Linux and Fargate, not on instances with a capacity provider', () => {
  expect(task['RuntimePlatform']).toMatchObject({ OperatingSystemFamily: 'LINUX' });
  template.resourceCountIs('AWS::ECS::CapacityProvider', 0);
});

test('cluster, service and task definition have tags', () => {
  for (const type of ['AWS::ECS::Cluster', 'AWS::ECS::Service', 'AWS::ECS::TaskDefinition']) {
    expect(pairs(propertiesOf(template, type)['Tags'])).toMatchObject({
      app: 'ecs-codepipeline-practice',
      service: 'api',
    });
  }
});

test('a hardened cluster has Container Insights', () => {
  const [cluster] = Object.values(allPropertiesOf(serviceTemplate(HARDENED), 'AWS::ECS::Cluster'));
  expect(pairs(cluster!['ClusterSettings'])).toEqual({ containerInsights: 'enabled' });
});
