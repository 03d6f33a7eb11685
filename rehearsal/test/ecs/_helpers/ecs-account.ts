import type {
  DeployedResource,
  DeployedResources,
} from '../../../src/cloudformation/deployed-resource';
import type { ContainerEngine } from '../../../src/containers/container-engine';
import type { TaskReachability } from '../../../src/ec2/reachability-questions';
import type { CatalogImage, ImageCatalog } from '../../../src/ecr/image-catalog';
import type { AlarmStates } from '../../../src/ecs/deployment-alarms';
import { EcsControlPlane } from '../../../src/ecs/ecs-control-plane';
import type { AwsEvent } from '../../../src/events';
import { deployedResource } from '../../_helpers/deployed-resource';
import { ManualClock } from '../../_helpers/manual-clock';
import { policyAuthorizer } from '../../_helpers/policy-authorizer';
import { recordingEvents } from '../../_helpers/recording-events';
import { FakeContainers } from './fake-containers';
import { FakeTargets, targetGroupArn } from './fake-targets';

export const account = '000000000000';
export const region = 'ap-northeast-2';
export const registryHost = `${account}.dkr.ecr.${region}.amazonaws.com`;
export const repository = `${registryHost}/practice/api`;
export const executionRoleArn = `arn:aws:iam::${account}:role/execution`;
export const taskRoleArn = `arn:aws:iam::${account}:role/task`;

export const containerProperties = {
  Name: 'api-container',
  Image: `${repository}:one`,
  Essential: true,
  PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
  LogConfiguration: {
    LogDriver: 'awslogs',
    Options: {
      'awslogs-group': 'api-logs',
      'awslogs-stream-prefix': 'api',
      'awslogs-region': region,
    },
  },
};

export function taskDefinitionResource(properties: Record<string, unknown> = {}): DeployedResource {
  return deployedResource(
    'AWS::ECS::TaskDefinition',
    {
      Family: 'api',
      Cpu: '256',
      Memory: '512',
      NetworkMode: 'awsvpc',
      RequiresCompatibilities: ['FARGATE'],
      ExecutionRoleArn: executionRoleArn,
      TaskRoleArn: taskRoleArn,
      ContainerDefinitions: [containerProperties],
      ...properties,
    },
    { physicalId: `arn:aws:ecs:${region}:${account}:task-definition/api:1` },
  );
}

export function serviceResource(properties: Record<string, unknown> = {}): DeployedResource {
  const arn = `arn:aws:ecs:${region}:${account}:service/practice/api-service`;
  return deployedResource(
    'AWS::ECS::Service',
    {
      Cluster: 'practice',
      ServiceName: 'api-service',
      TaskDefinition: `arn:aws:ecs:${region}:${account}:task-definition/api:1`,
      DesiredCount: 2,
      LaunchType: 'FARGATE',
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      LoadBalancers: [
        { TargetGroupArn: targetGroupArn, ContainerName: 'api-container', ContainerPort: 3000 },
      ],
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-a', 'subnet-b'] } },
      ...properties,
    },
    { physicalId: arn, attributes: { ServiceArn: arn, Name: 'api-service' } },
  );
}

class FakeImages implements ImageCatalog {
  readonly registryHost = registryHost;
  readonly images = new Map<string, string>();

  findImage(repositoryName: string, tagOrDigest: string): CatalogImage | undefined {
    const digest = tagOrDigest.startsWith('sha256:') ? tagOrDigest : this.images.get(tagOrDigest);
    if (digest === undefined || repositoryName !== 'practice/api') return undefined;
    return { repositoryName, digest, tags: [tagOrDigest], size: 1, pushedAt: 0 };
  }

  putImage(): never {
    throw new Error('nothing is pushed here');
  }
}

/** An account with a cluster, two subnets, a log group and an ECS control plane, all in memory. */
export function ecsAccount(
  options: {
    taskDefinition?: Record<string, unknown>;
    denied?: readonly string[];
    secrets?: Readonly<Record<string, string>>;
    alarms?: AlarmStates;
    network?: TaskReachability;
    resources?: readonly DeployedResource[];
    /** @default those in memory that are returned */
    containers?: ContainerEngine;
  } = {},
) {
  const clock = new ManualClock();
  const { stream, events } = recordingEvents();
  const containers = new FakeContainers();
  const targets = new FakeTargets(clock, stream);
  const images = new FakeImages();
  images.images.set('one', 'sha256:11').set('two', 'sha256:22');
  const authorizer = policyAuthorizer(options.denied);
  const subnet = (id: string, zone: string, cidr: string) =>
    deployedResource(
      'AWS::EC2::Subnet',
      { AvailabilityZone: zone, CidrBlock: cidr },
      { physicalId: id },
    );
  const resources = resourcesOf([
    deployedResource(
      'AWS::ECS::Cluster',
      {},
      {
        physicalId: 'practice',
        attributes: { Arn: `arn:aws:ecs:${region}:${account}:cluster/practice` },
      },
    ),
    taskDefinitionResource(options.taskDefinition),
    deployedResource('AWS::Logs::LogGroup', {}, { physicalId: 'api-logs' }),
    subnet('subnet-a', `${region}a`, '10.0.2.0/24'),
    subnet('subnet-b', `${region}b`, '10.0.3.0/24'),
    ...(options.resources ?? []),
  ]);
  const controlPlane = new EcsControlPlane({
    clock,
    events: stream,
    containers: options.containers ?? containers,
    images,
    targets,
    authorizer,
    secrets: {
      parameterValue: (name) => options.secrets?.[name],
      secretString: (id) => options.secrets?.[id],
    },
    account,
    region,
    resources,
    ...(options.alarms && { alarms: options.alarms }),
    ...(options.network && { network: options.network }),
  });
  return {
    clock,
    stream,
    events,
    containers,
    targets,
    images,
    authorizer,
    controlPlane,
    describe: () => controlPlane.describeService('practice', 'api-service'),
    messages: () =>
      events.flatMap((event) => (event.kind === 'service-message' ? [event.message] : [])),
    awsEvents: (detailType: string) =>
      events.filter(
        (event): event is AwsEvent => event.kind === 'aws' && event['detail-type'] === detailType,
      ),
    tasks: (status: string) =>
      controlPlane.tasks().filter(({ lastStatus }) => lastStatus === status),
  };
}

function resourcesOf(all: readonly DeployedResource[]): DeployedResources {
  const ofType = (type: string) => all.filter((resource) => resource.type === type);
  return {
    all,
    ofType,
    find: (type, identifier) =>
      ofType(type).find(
        ({ physicalId, attributes }) =>
          physicalId === identifier || attributes['Arn'] === identifier,
      ),
  };
}
