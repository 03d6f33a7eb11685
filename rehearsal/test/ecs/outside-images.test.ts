import { RehearsalError } from '../../src/errors';
import type { TaskReachability } from '../../src/ec2/reachability-questions';
import { readTaskDefinition } from '../../src/ecs/task-definition';
import {
  containerProperties,
  ecsAccount,
  serviceResource,
  taskDefinitionResource,
} from './_helpers/ecs-account';

const COLLECTOR = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.40.0';
const sidecar = { Name: 'traces', Image: COLLECTOR, Essential: false };
const WHY = "route table 'Private' of subnet 'A' has no route to public.ecr.aws";

/** A service whose tasks have a sidecar, in an account whose engine has images of other registries. */
function withSidecar(
  options: {
    containers?: readonly Record<string, unknown>[];
    taskDefinition?: Record<string, unknown>;
    network?: Partial<TaskReachability>;
    findOutside?: () => Promise<void>;
  } = {},
) {
  const ecs = ecsAccount({
    taskDefinition: {
      ContainerDefinitions: options.containers ?? [containerProperties, sidecar],
      ...options.taskDefinition,
    },
    ...(options.network && {
      network: {
        barrierToAwsService: () => undefined,
        barrierToInternet: () => undefined,
        denialByEndpoint: () => undefined,
        ...options.network,
      },
    }),
  });
  const asked: string[] = [];
  ecs.containers.findOutside = async (reference) => {
    const digest = `sha256:${asked.push(reference)}`;
    await options.findOutside?.();
    return { reference, digest, id: digest };
  };
  return { ...ecs, asked };
}

async function start(
  options?: Parameters<typeof withSidecar>[0],
  service: Record<string, unknown> = {},
) {
  const ecs = withSidecar(options);
  ecs.controlPlane.createService(serviceResource({ DesiredCount: 1, ...service }));
  await ecs.clock.advance(1000);
  return { ...ecs, task: ecs.controlPlane.tasks()[0]! };
}

describe('a sidecar of another registry', () => {
  test('runs beside the container of the service', async () => {
    const { containers, task, awsEvents } = await start();

    expect(task.lastStatus).toBe('RUNNING');
    expect(containers.started.map(({ spec }) => spec.image.digest)).toEqual([
      'sha256:11',
      'sha256:1',
    ]);
    expect(awsEvents('ECS Task State Change').at(-1)?.detail['containers']).toContainEqual(
      expect.objectContaining({ name: 'traces', image: COLLECTOR, imageDigest: 'sha256:1' }),
    );
  });

  test('has one digest in all tasks of a deployment, and is asked for again by the next', async () => {
    const { asked, clock, containers, controlPlane } = await start();
    controlPlane.updateService({ cluster: 'practice', service: 'api-service', desiredCount: 2 });
    await clock.advance(10_000);
    const digests = () =>
      containers.running
        .filter(({ spec }) => spec.name.includes('traces'))
        .map(({ spec }) => spec.image.digest);

    expect(digests()).toEqual(['sha256:1', 'sha256:1']);
    expect(asked).toEqual([COLLECTOR]);
    controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      forceNewDeployment: true,
    });
    await clock.advance(10_000);
    expect(digests()).toEqual(['sha256:1', 'sha256:1', 'sha256:2', 'sha256:2']);
  });

  test('is resolved by each task for itself when its version may vary', async () => {
    const { asked, clock, controlPlane } = await start({
      containers: [containerProperties, { ...sidecar, VersionConsistency: 'disabled' }],
    });
    controlPlane.updateService({ cluster: 'practice', service: 'api-service', desiredCount: 2 });
    await clock.advance(10_000);

    expect(asked).toEqual([COLLECTOR, COLLECTOR]);
  });

  test('that cannot be fetched stops the task in the words of the engine', async () => {
    const { task, containers } = await start({
      findOutside: () => Promise.reject(new Error('failed to resolve ref: toomanyrequests')),
    });

    expect(task.stoppedReason).toBe(
      'CannotPullContainerError: failed to resolve ref: toomanyrequests',
    );
    expect(task.stopCode).toBe('TaskFailedToStart');
    expect(containers.started).toEqual([]);
  });

  test.each([
    [
      COLLECTOR,
      COLLECTOR,
      'public.ecr.aws/v2/aws-observability/aws-otel-collector/manifests/v0.40.0',
    ],
    [
      'nginx',
      'docker.io/library/nginx:latest',
      'registry-1.docker.io/v2/library/nginx/manifests/latest',
    ],
    [
      'datadog/agent:7',
      'docker.io/datadog/agent:7',
      'registry-1.docker.io/v2/datadog/agent/manifests/7',
    ],
  ])(
    '%s cannot be fetched where the network has no way to the internet',
    async (Image, ref, url) => {
      const { task, asked } = await start({
        containers: [containerProperties, { ...sidecar, Image }],
        network: { barrierToInternet: () => WHY },
      });

      expect(task.stoppedReason).toBe(
        `CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${ref}: failed to do request: Head "https://${url}": dial tcp: i/o timeout (${WHY})`,
      );
      expect(asked).toEqual([]);
    },
  );

  test('does not share localhost with the container of the service, which the report says', async () => {
    const { events } = await start();

    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'unproven',
        message: expect.stringMatching(/^the containers of a task of service 'api-service' reach/),
      }),
    );
  });

  test('is fetched without the execution role', async () => {
    const { authorizer } = await start();

    const resources = authorizer.requests.filter(({ action }) => action.startsWith('ecr:'));
    expect(resources.map(({ action }) => action)).toEqual([
      'ecr:GetAuthorizationToken',
      'ecr:BatchGetImage',
      'ecr:GetDownloadUrlForLayer',
    ]);
  });

  test('is refused by name where nothing is fetched from outside', () => {
    const ecs = withSidecar();
    delete ecs.containers.findOutside;

    expect(() => ecs.controlPlane.createService(serviceResource())).toThrow(
      new RegExp(`image '${COLLECTOR}' cannot be rehearsed without Docker: .*--engine docker`),
    );
    expect(() =>
      ecs.controlPlane.registerTaskDefinition(
        readTaskDefinition(
          taskDefinitionResource({ ContainerDefinitions: [{ ...sidecar, Essential: true }] }),
        ),
      ),
    ).toThrow(RehearsalError);
  });
});

describe('a task whose images are all of other registries', () => {
  const { LogConfiguration, ...web } = { ...containerProperties, Image: 'nginx:1' };

  test('asks ECR for nothing, and needs no execution role', async () => {
    const { task, authorizer } = await start({
      containers: [web],
      taskDefinition: { ExecutionRoleArn: undefined, TaskRoleArn: undefined },
      network: { barrierToAwsService: (_from, service) => `no way to ${service}` },
    });

    expect(task.lastStatus).toBe('RUNNING');
    expect(authorizer.requests).toEqual([]);
  });

  test.each([
    ['its log', { LogConfiguration }, 'to support log driver awslogs.'],
    [
      'its secrets',
      { Secrets: [{ Name: 'KEY', ValueFrom: '/api/key' }] },
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    ],
  ])('needs an execution role for %s', (_what, properties, message) => {
    const taskDefinition = taskDefinitionResource({
      ContainerDefinitions: [{ ...web, ...properties }],
      ExecutionRoleArn: undefined,
    });

    expect(() => readTaskDefinition(taskDefinition)).toThrow(message);
  });
});
