import {
  containerProperties,
  ecsAccount,
  executionRoleArn,
  serviceResource,
} from './_helpers/ecs-account';

type Options = Parameters<typeof ecsAccount>[0];

function oneTask(options: Options = {}, service: Record<string, unknown> = {}) {
  const ecs = ecsAccount(options);
  return {
    ...ecs,
    create: async (milliseconds = 60_000) => {
      ecs.controlPlane.createService(serviceResource({ DesiredCount: 1, ...service }));
      await ecs.clock.advance(milliseconds);
      return ecs.controlPlane.tasks()[0]!;
    },
  };
}

const containers = (...definitions: Record<string, unknown>[]): Options => ({
  taskDefinition: {
    ContainerDefinitions: definitions.map((definition) => ({
      ...containerProperties,
      ...definition,
    })),
  },
});

describe('the life of a task', () => {
  test('is told on the event bus state by state, with its network interface and containers', async () => {
    const ecs = oneTask();
    const task = await ecs.create();
    ecs.controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      desiredCount: 0,
    });
    await ecs.clock.advance(60_000);

    const events = ecs.awsEvents('ECS Task State Change');
    const statuses = events.map(({ detail }) => String(detail['lastStatus']));
    expect(statuses.filter((status, index) => status !== statuses[index - 1])).toEqual([
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
    expect(events.map(({ detail }) => detail['version'])).toEqual(
      events.map((_, index) => index + 1),
    );
    expect(events.at(-1)!).toMatchObject({
      source: 'aws.ecs',
      resources: [task.taskArn],
      detail: {
        group: 'service:api-service',
        launchType: 'FARGATE',
        startedBy: ecs.describe().deployments[0]!.id,
        desiredStatus: 'STOPPED',
        stopCode: 'ServiceSchedulerInitiated',
        containers: [{ name: 'api-container', lastStatus: 'STOPPED', exitCode: 0 }],
        attachments: [
          {
            type: 'eni',
            details: expect.arrayContaining([{ name: 'privateIPv4Address', value: '10.0.2.4' }]),
          },
        ],
        startedAt: '2026-01-01T00:00:00.000Z',
      },
    });
  });

  test('gives the container what the definition and Fargate say', async () => {
    const ecs = oneTask(
      containers({
        Environment: [{ Name: 'NODE_ENV', Value: 'production' }],
        User: 'node',
        ReadonlyRootFilesystem: true,
        LinuxParameters: { InitProcessEnabled: true, Capabilities: { Drop: ['ALL'] } },
      }),
    );
    await ecs.create();
    expect(ecs.containers.started[0]!.spec).toMatchObject({
      image: { repositoryName: 'practice/api', digest: 'sha256:11' },
      environment: {
        NODE_ENV: 'production',
        AWS_REGION: 'ap-northeast-2',
        AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      },
      user: 'node',
      readonlyRootFilesystem: true,
      dropCapabilities: ['ALL'],
      initProcessEnabled: true,
      cpuUnits: 256,
      memoryMiB: 512,
      containerPorts: [3000],
    });
  });

  test('writes the container’s output to the log stream that the definition names', async () => {
    const ecs = oneTask();
    const task = await ecs.create();
    ecs.containers.started[0]!.spec.onOutput('listening', 'stdout');
    expect(ecs.events).toContainEqual(
      expect.objectContaining({
        kind: 'log',
        group: 'api-logs',
        stream: `api/api-container/${task.taskId}`,
        message: 'listening',
      }),
    );
  });

  test('counts as healthy after 40 s where nothing checks it', async () => {
    const ecs = oneTask({}, { LoadBalancers: [] });
    await ecs.create(39_000);
    expect(ecs.describe().deployments[0]!.rolloutState).toBe('IN_PROGRESS');
    await ecs.clock.advance(1_000);
    expect(ecs.describe().deployments[0]!.rolloutState).toBe('COMPLETED');
  });
});

describe('a task that cannot start', () => {
  test.each([
    [
      'ecr:GetAuthorizationToken',
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*unable to retrieve ecr registry auth: .*AccessDeniedException: User: .*ecr:GetAuthorizationToken/,
    ],
    ['ecr:BatchGetImage', /^CannotPullContainerError: .* 403 Forbidden .*ecr:BatchGetImage/],
    [
      'ecr:GetDownloadUrlForLayer',
      /^CannotPullContainerError: .* 403 Forbidden .*ecr:GetDownloadUrlForLayer/,
    ],
    [
      'logs:CreateLogStream',
      /^ResourceInitializationError: failed to validate logger args: .*AccessDeniedException: .*logs:CreateLogStream/,
    ],
    ['logs:PutLogEvents', /^ResourceInitializationError: failed to validate logger args: /],
  ])('because its execution role lacks %s says so as ECS does', async (denied, reason) => {
    const ecs = oneTask({ denied: [denied] });
    expect(await ecs.create(0)).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(reason),
    });
    expect(ecs.containers.started).toEqual([]);
    const request = ecs.authorizer.requests.find(({ action }) => action === denied);
    expect(request?.caller).toMatchObject({ roleArn: executionRoleArn });
  });

  test('because its roles do not trust ECS tasks says so', async () => {
    const ecs = oneTask({ denied: ['sts:AssumeRole'] });
    expect((await ecs.create(0)).stoppedReason).toMatch(
      /^ECS was unable to assume the role 'arn:aws:iam::000000000000:role\/execution' that was provided/,
    );
    expect(ecs.messages()).toContainEqual(
      expect.stringMatching(/failed to launch a task with \(error ECS was unable to assume/),
    );
    expect(ecs.authorizer.requests[0]).toMatchObject({
      caller: { kind: 'service', service: 'ecs-tasks.amazonaws.com' },
      resource: executionRoleArn,
    });
  });

  test('because its log group does not exist says so', async () => {
    const ecs = oneTask(
      containers({
        LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-group': 'absent' } },
      }),
    );
    expect((await ecs.create(0)).stoppedReason).toContain(
      'ResourceNotFoundException: The specified log group does not exist.',
    );
  });

  test.each([
    ['pullError', 'CannotPullContainerError: no space left'],
    ['runError', 'CannotStartContainerError: no space left'],
  ] as const)(
    'because of the container engine (%s) has the engine’s reason',
    async (what, reason) => {
      const ecs = oneTask();
      ecs.containers[what] = 'no space left';
      expect((await ecs.create(0)).stoppedReason).toBe(reason);
    },
  );

  test('tells its event which container it was, in 1024 characters at most', async () => {
    const ecs = oneTask(containers({}, { Name: 'sidecar', Essential: false }));
    ecs.containers.pullError = 'x'.repeat(2000);
    const { stoppedReason } = await ecs.create(0);
    expect(stoppedReason).toHaveLength('CannotPullContainerError: '.length + 2000);
    const told = ecs.awsEvents('ECS Task State Change').at(-1)!.detail['containers'];
    expect(told).toEqual([
      expect.objectContaining({ name: 'api-container', reason: stoppedReason!.slice(0, 1024) }),
      expect.not.objectContaining({ reason: expect.anything() }),
    ]);
  });
});

describe('secrets', () => {
  const arn = 'arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:db-AbCdEf';
  const withSecrets = (secrets: Record<string, string>, denied: string[] = []) => ({
    ...containers({
      Secrets: [
        { Name: 'TOKEN', ValueFrom: '/api/token' },
        { Name: 'PASSWORD', ValueFrom: `${arn}:password::` },
      ],
    }),
    secrets,
    denied,
  });
  const all = { '/api/token': 't', [arn]: '{"password":"p"}' };

  test('reach the container as environment variables', async () => {
    const ecs = oneTask(withSecrets(all));
    await ecs.create();
    expect(ecs.containers.started[0]!.spec.environment).toMatchObject({
      TOKEN: 't',
      PASSWORD: 'p',
    });
  });

  test.each([
    [{ [arn]: '{}' }, [], /invalid ssm parameters: \/api\/token/],
    [{ '/api/token': 't' }, [], /Secrets Manager can't find the specified secret/],
    [{ ...all, [arn]: '{}' }, [], /did not contain json key password/],
    [all, ['ssm:GetParameters'], /unable to retrieve secrets from ssm: .*ssm:GetParameters/],
    [
      all,
      ['secretsmanager:GetSecretValue'],
      /unable to retrieve secret from asm: .*GetSecretValue/,
    ],
  ])('that cannot be read stop the task (%#)', async (secrets, denied, reason) => {
    const ecs = oneTask(withSecrets(secrets, denied));
    expect((await ecs.create(0)).stoppedReason).toMatch(reason);
  });
});

describe('a task of several containers', () => {
  const sidecar = { Name: 'sidecar', PortMappings: [], Essential: false };

  test('goes on when one that is not essential exits', async () => {
    const ecs = oneTask(containers({}, sidecar));
    const task = await ecs.create();
    ecs.containers.started[1]!.exit({ exitCode: 1 });
    await ecs.clock.advance(60_000);
    expect(task.lastStatus).toBe('RUNNING');
  });

  test('stops the others at once when an essential one exits', async () => {
    const ecs = oneTask(containers({}, sidecar));
    const task = await ecs.create();
    ecs.containers.started[0]!.exit({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
    await ecs.clock.advance(0);
    expect(ecs.containers.started[1]!.signals).toEqual(['stop']);
    expect(task).toMatchObject({
      lastStatus: 'DEACTIVATING',
      stopCode: 'EssentialContainerExited',
    });
  });

  test('starts one only when what it depends on is healthy, and stops it first', async () => {
    const ecs = oneTask(
      containers(
        { DependsOn: [{ ContainerName: 'proxy', Condition: 'HEALTHY' }] },
        { ...sidecar, Name: 'proxy', HealthCheck: { Command: ['CMD', 'ok'], Interval: 10 } },
      ),
    );
    const order: string[] = [];
    ecs.containers.onStart = (container) => {
      const name = /-(proxy|api-container)-/.exec(container.spec.name)![1]!;
      order.push(`start ${name}`);
      void container.exited.then(() => order.push(`stopped ${name}`));
    };
    await ecs.create(9_000);
    expect(order).toEqual(['start proxy']);
    await ecs.clock.advance(2_000);
    expect(order).toEqual(['start proxy', 'start api-container']);
    ecs.controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      desiredCount: 0,
    });
    await ecs.clock.advance(60_000);
    expect(order.slice(2)).toEqual(['stopped api-container', 'stopped proxy']);
  });

  test('does not start when an init container fails', async () => {
    const ecs = oneTask(
      containers(
        { DependsOn: [{ ContainerName: 'init', Condition: 'SUCCESS' }] },
        { ...sidecar, Name: 'init' },
      ),
    );
    ecs.containers.onStart = (container) => container.exit({ exitCode: 1 });
    expect((await ecs.create(0)).stoppedReason).toMatch(
      /dependency \[init\] for target \[api-container\] as dependency did not become SUCCESS/,
    );
  });
});

test('a task whose container health check fails is replaced', async () => {
  const ecs = oneTask(
    containers({ HealthCheck: { Command: ['CMD-SHELL', 'exit 1'], Interval: 5, Retries: 2 } }),
  );
  const task = await ecs.create(20_000);
  expect(task.lastStatus).toBe('RUNNING');
  ecs.containers.started[0]!.healthExitCode = 1;
  await ecs.clock.advance(60_000);
  expect(task).toMatchObject({
    lastStatus: 'STOPPED',
    stoppedReason: 'Task failed container health checks',
  });
  expect(ecs.messages()).toContain(
    `(service api-service) (task ${task.taskId}) failed container health checks.`,
  );
});
