import { RehearsalError } from '../../src/errors';
import { ecsAccount, registryHost, repository, serviceResource } from './_helpers/ecs-account';
import { release, runningService, twoMinutes } from './_helpers/running-service';

describe('a new service', () => {
  test('reaches a steady state with its tasks spread over the zones and in the target group', async () => {
    const ecs = await runningService();

    const [deployment] = ecs.describe().deployments;
    expect(deployment).toMatchObject({ status: 'PRIMARY', rolloutState: 'COMPLETED' });
    expect(ecs.targets.healthy).toBe(2);
    expect(
      ecs.tasks('RUNNING').map(({ networkInterface }) => networkInterface.availabilityZone),
    ).toEqual(['ap-northeast-2a', 'ap-northeast-2b']);
    expect(ecs.tasks('RUNNING').map(({ networkInterface }) => networkInterface.address)).toEqual([
      '10.0.2.4',
      '10.0.3.4',
    ]);
    expect(ecs.messages().at(-1)).toBe('(service api-service) has reached a steady state.');
    expect(ecs.awsEvents('ECS Service Action').at(-1)?.detail['eventName']).toBe(
      'SERVICE_STEADY_STATE',
    );
  });

  test('is refused with the next move when its container has no such port', () => {
    const ecs = ecsAccount();
    const service = serviceResource({
      LoadBalancers: [{ TargetGroupArn: 'tg', ContainerName: 'api-container', ContainerPort: 80 }],
    });
    expect(() => ecs.controlPlane.createService(service)).toThrow(
      /did not have a container port 80 defined\. Correct its LoadBalancers/,
    );
  });

  test('is refused when nothing in the assembly creates its cluster', () => {
    const ecs = ecsAccount();
    expect(() => ecs.controlPlane.createService(serviceResource({ Cluster: 'other' }))).toThrow(
      RehearsalError,
    );
  });
});

test('what running tasks use is measured against what their task definition reserves', async () => {
  const ecs = await runningService();
  const [first, second] = ecs.containers.started;
  first!.used = { cpus: 0.125, memoryBytes: 64 * 1024 ** 2 };
  expect(await ecs.controlPlane.measureTasks()).toEqual([
    {
      clusterArn: expect.stringContaining(':cluster/'),
      serviceName: 'api-service',
      cpuUnits: { used: 128, reserved: 256 },
      memoryMiB: { used: 64, reserved: 512 },
    },
  ]);
  second!.used = first!.used;
  expect(await ecs.controlPlane.measureTasks()).toHaveLength(2);
  first!.exit({ exitCode: 1 });
  await ecs.clock.advance(0);
  expect(await ecs.controlPlane.measureTasks()).toHaveLength(1);
});

describe('a rolling deployment', () => {
  test('stops no old task before the new ones are healthy, and drains each before its stop signal', async () => {
    const ecs = await runningService();
    const old = [...ecs.containers.started];
    const oldTargets = ecs.tasks('RUNNING').map((task) => task.networkInterface.address);
    release(ecs);

    await ecs.clock.advance(4_000);
    expect(ecs.tasks('RUNNING')).toHaveLength(4);
    expect(ecs.targets.calls.filter((call) => call.startsWith('deregister'))).toEqual([]);

    await ecs.clock.advance(1_500);
    expect(ecs.tasks('DEACTIVATING').map((task) => task.stoppedReason)).toEqual(
      Array(2).fill(
        `Scaling activity initiated by (deployment ${ecs.describe().deployments[0]!.id})`,
      ),
    );
    expect(old.flatMap(({ signals }) => signals)).toEqual([]);
    expect(ecs.describe().deployments.map(({ rolloutState }) => rolloutState)).toEqual([
      'IN_PROGRESS',
      'COMPLETED',
    ]);

    await ecs.clock.advance(15_000);
    expect(old.map(({ signals }) => signals)).toEqual([['stop'], ['stop']]);
    expect(ecs.targets.calls.slice(-2).sort()).toEqual(
      oldTargets.map((ip) => `unused ${ip}`).sort(),
    );
    expect(ecs.describe().deployments).toMatchObject([
      {
        rolloutState: 'COMPLETED',
        runningCount: 2,
        taskDefinition: expect.stringMatching(/api:2$/),
      },
    ]);
  });

  test('says in the words of ECS what it does', async () => {
    const ecs = await runningService();
    const before = ecs.messages().length;
    release(ecs);
    await ecs.clock.advance(twoMinutes);
    const said = ecs
      .messages()
      .slice(before)
      .map((message) =>
        message
          .replace(/[0-9a-f]{32}/g, 'ID')
          .replace(/ecs-svc\/\d+/g, 'DEPLOYMENT')
          .replace(/arn:\S+targetgroup\S+?(?=\))/g, 'GROUP'),
      );
    expect(said).toEqual([
      '(service api-service) has started 2 tasks: (task ID) (task ID).',
      '(service api-service) registered 1 targets in (target-group GROUP)',
      '(service api-service) registered 1 targets in (target-group GROUP)',
      // One old task for each new one that turned healthy.
      ...Array(2)
        .fill([
          '(service api-service) has stopped 1 running tasks: (task ID).',
          '(service api-service) deregistered 1 targets in (target-group GROUP)',
          '(service api-service, taskSet DEPLOYMENT) has begun draining connections on 1 tasks.',
        ])
        .flat(),
      '(service api-service) (deployment DEPLOYMENT) deployment completed.',
      '(service api-service) has reached a steady state.',
    ]);
  });

  test('puts each state of the deployment on the event bus', async () => {
    const ecs = await runningService();
    release(ecs);
    await ecs.clock.advance(twoMinutes);
    const id = ecs.describe().deployments[0]!.id;
    const own = ecs
      .awsEvents('ECS Deployment State Change')
      .filter(({ detail }) => detail['deploymentId'] === id);
    expect(own.map(({ detail }) => [detail['eventName'], detail['reason']])).toEqual([
      ['SERVICE_DEPLOYMENT_IN_PROGRESS', `ECS deployment ${id} in progress.`],
      ['SERVICE_DEPLOYMENT_COMPLETED', `ECS deployment ${id} completed.`],
    ]);
    expect(own[0]!.resources).toEqual([ecs.describe().serviceArn]);
  });

  test('runs for all its tasks the image that the tag named when its first task started', async () => {
    const ecs = await runningService();
    ecs.images.images.set('one', 'sha256:33');
    ecs.containers.started[0]!.exit({ exitCode: 1 });
    await ecs.clock.advance(twoMinutes);
    expect(ecs.containers.started.at(-1)!.spec.image.digest).toBe('sha256:11');

    ecs.controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      forceNewDeployment: true,
    });
    await ecs.clock.advance(twoMinutes);
    expect(ecs.containers.running.map(({ spec }) => spec.image.digest)).toEqual([
      'sha256:33',
      'sha256:33',
    ]);
  });

  test('is not started by the same revision or by another desired count', async () => {
    const ecs = await runningService();
    const [before] = ecs.describe().deployments;
    const after = ecs.controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      taskDefinition: ecs.describe().taskDefinition,
      desiredCount: 3,
    });
    expect(after.deployments.map(({ id }) => id)).toEqual([before!.id]);
    await ecs.clock.advance(twoMinutes);
    expect(ecs.tasks('RUNNING')).toHaveLength(3);
  });

  test('says so when the bounds leave no room to move', async () => {
    const ecs = await runningService(
      {},
      { DeploymentConfiguration: { MinimumHealthyPercent: 100, MaximumPercent: 100 } },
    );
    release(ecs);
    await ecs.clock.advance(twoMinutes);
    expect(
      ecs.messages().filter((message) => message.includes('was unable to stop or start')),
    ).toEqual([
      '(service api-service) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
    ]);
    expect(ecs.describe().deployments[0]!.rolloutState).toBe('IN_PROGRESS');
  });
});

describe('a bad release', () => {
  test('is rolled back by the circuit breaker when its image cannot be found; the old tasks never stop', async () => {
    const ecs = await runningService();
    const old = [...ecs.containers.started];
    release(ecs, `${repository}:absent`);
    await ecs.clock.advance(10 * 60_000);

    const deployments = ecs.controlPlane.deployments('practice', 'api-service');
    expect(deployments.map(({ rolloutState }) => rolloutState)).toEqual(['COMPLETED', 'FAILED']);
    expect(deployments[1]!.rolloutStateReason).toBe(
      'ECS deployment circuit breaker: tasks failed to start.',
    );
    expect(ecs.describe().taskDefinition).toMatch(/api:1$/);
    expect(old.flatMap(({ signals }) => signals)).toEqual([]);
    expect(ecs.controlPlane.tasks().at(-1)).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${repository}:absent: ${repository}:absent: not found`,
    });
    expect(ecs.messages()).toContainEqual(
      expect.stringMatching(/rolling back to deployment ecs-svc\/\d+\.$/),
    );
  });

  test('is rolled back when its targets stay unhealthy; each failed task is replaced and named', async () => {
    const ecs = await runningService();
    ecs.targets.verdict = () => ({
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [500]',
    });
    release(ecs);
    await ecs.clock.advance(10 * 60_000);

    expect(ecs.describe().taskDefinition).toMatch(/api:1$/);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
    expect(ecs.messages()).toContainEqual(
      expect.stringMatching(
        /\(port 3000\) is unhealthy in \(target-group .*\) due to \(reason Health checks failed with these codes: \[500\]\)$/,
      ),
    );
    expect(
      ecs.awsEvents('ECS Deployment State Change').map(({ detail }) => detail['eventName']),
    ).toEqual([
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_FAILED',
      'SERVICE_DEPLOYMENT_IN_PROGRESS',
      'SERVICE_DEPLOYMENT_COMPLETED',
    ]);
  });

  test('stalls where there is nothing to roll back to', async () => {
    const ecs = ecsAccount();
    ecs.images.images.clear();
    ecs.controlPlane.createService(serviceResource());
    await ecs.clock.advance(60 * 60_000);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'FAILED', runningCount: 0 }]);
    const attempts = ecs.controlPlane.tasks().length;
    await ecs.clock.advance(60 * 60_000);
    expect(ecs.controlPlane.tasks()).toHaveLength(attempts);
  });

  test('without a breaker is tried again for ever, at intervals of up to 27 minutes', async () => {
    const ecs = ecsAccount();
    ecs.images.images.clear();
    ecs.controlPlane.createService(
      serviceResource({ DesiredCount: 1, DeploymentConfiguration: {} }),
    );
    await ecs.clock.advance(10 * 60 * 60_000);
    expect(ecs.messages()).toContain(
      '(service api-service) is unable to consistently start tasks successfully.',
    );
    const [last, previous] = ecs.controlPlane.tasks().toReversed();
    expect(last!.createdAt - previous!.createdAt).toBe(27 * 60_000);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }]);
  });

  test('is not judged by its targets inside the grace period', async () => {
    const ecs = ecsAccount();
    ecs.targets.verdict = () => ({ state: 'unhealthy' });
    ecs.controlPlane.createService(serviceResource({ HealthCheckGracePeriodSeconds: 60 }));
    await ecs.clock.advance(59_000);
    expect(ecs.controlPlane.tasks()).toHaveLength(2);
    await ecs.clock.advance(2_000);
    expect(ecs.controlPlane.tasks().length).toBeGreaterThan(2);
  });
});

describe('a service at rest', () => {
  test('replaces a task whose container exits, at once', async () => {
    const ecs = await runningService();
    ecs.containers.started[0]!.exit({ exitCode: 1 });
    await ecs.clock.advance(0);
    expect(ecs.controlPlane.tasks()).toHaveLength(3);
    expect(ecs.controlPlane.tasks()[0]).toMatchObject({
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
    await ecs.clock.advance(twoMinutes);
    expect(ecs.targets.healthy).toBe(2);
    expect(ecs.messages().at(-1)).toContain('has reached a steady state.');
    expect(ecs.describe().deployments[0]!.rolloutState).toBe('COMPLETED');
  });

  test('starts the replacement of an unhealthy task before it stops the task', async () => {
    const ecs = await runningService();
    const sick = ecs.tasks('RUNNING')[0]!;
    ecs.targets.set(
      { id: sick.networkInterface.address, port: 3000 },
      { state: 'unhealthy', description: 'Request timed out' },
    );
    await ecs.clock.advance(4_000);
    expect(ecs.tasks('RUNNING')).toHaveLength(3);
    await ecs.clock.advance(2_000);
    expect(sick).toMatchObject({
      lastStatus: 'DEACTIVATING',
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: expect.stringMatching(/^Task failed ELB health checks in \(target-group arn:/),
    });
  });

  test('scales in from the zone that has more tasks', async () => {
    const ecs = await runningService({}, { DesiredCount: 3 });
    ecs.controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      desiredCount: 2,
    });
    await ecs.clock.advance(twoMinutes);
    const zones = ecs.tasks('RUNNING').map((task) => task.networkInterface.availabilityZone);
    expect(zones.sort()).toEqual(['ap-northeast-2a', 'ap-northeast-2b']);
  });

  test('ends at once when the rehearsal is over', async () => {
    const ecs = await runningService();
    await ecs.controlPlane.close();
    expect(ecs.containers.started.map(({ signals }) => signals)).toEqual([['kill'], ['kill']]);
    expect(ecs.tasks('STOPPED')).toHaveLength(2);
    await ecs.controlPlane.close();
  });
});

test('an image of another account is refused as ECR refuses it', async () => {
  const foreign = registryHost.replace('000000000000', '111111111111');
  const ecs = await runningService();
  release(ecs, `${foreign}/practice/api:two`);
  await ecs.clock.advance(1_000);
  expect(ecs.controlPlane.tasks().at(-1)!.stoppedReason).toMatch(
    /^CannotPullContainerError: .* pulling from host 111111111111\.dkr.* 403 Forbidden/,
  );
});
