import { Template } from 'aws-cdk-lib/assertions';
import { allPropertiesOf, pipelineStack, serviceStack, testApp } from './_helpers/synth';

/** Properties that hold a physical name, unique in an account and region. */
const NAME_PROPERTIES = [
  'AlarmName',
  'BucketName',
  'ClusterName',
  'Family',
  'GroupName',
  'LogGroupName',
  'Name',
  'RoleName',
  'TopicName',
];

function physicalNames(template: Template): string[] {
  return Object.entries(template.toJSON()['Resources'] as Record<string, { Type: string }>).flatMap(
    ([id, { Type: type }]) => {
      const properties = allPropertiesOf(template, type)[id] ?? {};
      return NAME_PROPERTIES.filter((name) => typeof properties[name] === 'string').map(
        (name) => `${type} ${String(properties[name])}`,
      );
    },
  );
}

/** Service and pipeline of two services in one app, and the names of each. */
function twoServices(second: { appName?: string; serviceName: string }, shared: boolean) {
  const app = testApp();
  const api = serviceStack({}, app, 'ApiService');
  const other = serviceStack(
    { ...second, ...(shared && { shareClusterOf: api }) },
    app,
    'OtherService',
  );
  const stacks = [
    [api, pipelineStack({ stack: api }, app, 'ApiRelease')],
    [other, pipelineStack({ stack: other }, app, 'OtherRelease')],
  ] as const;
  return stacks.map((pair) => pair.map((stack) => Template.fromStack(stack)));
}

test('two services of one app share a cluster and clash in no other name', () => {
  const [api, web] = twoServices({ serviceName: 'web' }, true);
  const names = [api!.flatMap(physicalNames), web!.flatMap(physicalNames)];
  expect(names[0]).toContain('AWS::ECS::Cluster ecs-codepipeline-practice-cluster');
  expect(names[0]!.length).toBeGreaterThanOrEqual(8);
  expect(names[1]!.length).toBe(names[0]!.length - 1);
  expect(new Set(names.flat()).size).toBe(names.flat().length);
  web![0]!.resourceCountIs('AWS::EC2::NatGateway', 0);
  web![0]!.resourceCountIs('AWS::ECS::Cluster', 0);
});

test('the second pipeline builds for, deploys to and records its own service', () => {
  const [, web] = twoServices({ serviceName: 'web' }, true);
  const release = JSON.stringify(web![1]!.toJSON());
  expect(release).toContain('service/ecs-codepipeline-practice-cluster/web-service');
  expect(release).toContain('ecs-codepipeline-practice/web');
  expect(release).toContain('EcsCodePipelinePracticeWebPipelineFailed');
  expect(release).not.toContain('/api');
  expect(release).not.toContain('api-service');
});

test('two apps in one account clash in no name at all', () => {
  const [one, two] = twoServices({ appName: 'another-app', serviceName: 'api' }, false);
  const names = [one, two].map((templates) => templates!.flatMap(physicalNames)).flat();
  // The names inside a cluster and a task may repeat: they are not names in the account.
  expect(names.length).toBeGreaterThanOrEqual(16);
  expect(new Set(names).size).toBe(names.length);
});
