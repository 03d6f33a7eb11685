import { RehearsalError } from '../../src/errors';
import { readServiceDefinition } from '../../src/ecs/service-definition';
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
import { release, runningService, twoMinutes } from './_helpers/running-service';

type Options = Parameters<typeof ecsAccount>[0];

const containers = (...definitions: Record<string, unknown>[]): NonNullable<Options> => ({
  taskDefinition: {
    ContainerDefinitions: definitions.map((definition) => ({
      ...containerProperties,
      ...definition,
    })),
  },
});

const unproven = ({ events }: ReturnType<typeof ecsAccount>) =>
  events.flatMap((event) => (event.kind === 'unproven' ? [event.message] : []));

const noLoadBalancer = { LoadBalancers: undefined };

describe('a task that is killed from outside', () => {
  test('in steady state is replaced, and no deployment begins', async () => {
    const ecs = await runningService();
    const [before] = ecs.describe().deployments;
    ecs.containers.started[0]!.exit({ exitCode: 137 });
    await ecs.clock.advance(twoMinutes);
    expect(ecs.tasks('RUNNING')).toHaveLength(2);
    expect(ecs.targets.healthy).toBe(2);
    expect(ecs.describe().deployments).toMatchObject([
      { id: before!.id, rolloutState: 'COMPLETED', failedTasks: 0 },
    ]);
  });

  test('in the middle of a deployment is replaced, and the deployment completes', async () => {
    const ecs = await runningService();
    release(ecs);
    await ecs.clock.advance(2_000);
    const [fresh] = ecs.containers.started.slice(2);
    fresh!.exit({ exitCode: 137 });
    const [old] = ecs.containers.started;
    old!.exit({ exitCode: 137 });
    await ecs.clock.advance(5 * 60_000);
    expect(ecs.describe()).toMatchObject({ runningCount: 2, pendingCount: 0 });
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
    expect(ecs.tasks('RUNNING').map(({ taskDefinition }) => taskDefinition.revision)).toEqual([
      2, 2,
    ]);
  });
});

describe('a task on Fargate Spot whose capacity is taken back', () => {
  const spot = {
    LaunchType: undefined,
    CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }],
  };

  test('is told by an event and by its stop signal, two minutes before it ends', async () => {
    const ecs = await runningService({}, spot);
    const [task] = ecs.tasks('RUNNING');
    ecs.controlPlane.interruptSpotTask(task!.taskId);
    expect(ecs.awsEvents('ECS Task State Change').at(-1)?.detail).toMatchObject({
      taskArn: task!.taskArn,
      desiredStatus: 'STOPPED',
      lastStatus: 'RUNNING',
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
    });
    await ecs.clock.advance(0);
    expect(ecs.containers.started[0]!.signals).toEqual(['stop']);
    await ecs.clock.advance(twoMinutes);
    expect(ecs.tasks('STOPPED')).toEqual([
      expect.objectContaining({ taskId: task!.taskId, stopCode: 'SpotInterruption' }),
    ]);
  });

  test('is replaced, and does not count as a failure of its revision', async () => {
    const ecs = await runningService({}, spot);
    release(ecs);
    await ecs.clock.advance(1_000);
    const created = ecs.tasks('RUNNING').at(-1)!;
    ecs.controlPlane.interruptSpotTask(created.taskId);
    await ecs.clock.advance(twoMinutes * 3);
    expect(ecs.tasks('RUNNING')).toHaveLength(2);
    expect(ecs.describe().deployments).toMatchObject([
      { rolloutState: 'COMPLETED', failedTasks: 0 },
    ]);
  });

  test('is none of a service that has no such capacity', async () => {
    const ecs = await runningService();
    const [task] = ecs.tasks('RUNNING');
    expect(() => ecs.controlPlane.interruptSpotTask(task!.taskId)).toThrow(
      /no service with FARGATE_SPOT in its CapacityProviderStrategy has the task/,
    );
  });
});

describe('a service without a load balancer', () => {
  test('is deployed when its tasks have been RUNNING for 40 s', async () => {
    const ecs = ecsAccount();
    ecs.controlPlane.createService(serviceResource(noLoadBalancer));
    await ecs.clock.advance(39_000);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }]);
    await ecs.clock.advance(2_000);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
    expect(ecs.targets.calls).toEqual([]);
  });

  test('goes by its container health check where there is one, without the 40 s', async () => {
    const ecs = ecsAccount(containers({ HealthCheck: { Command: ['CMD', 'ok'], Interval: 5 } }));
    ecs.controlPlane.createService(serviceResource(noLoadBalancer));
    await ecs.clock.advance(6_000);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  });
});

describe('a service with several target groups', () => {
  const adminArn = targetGroupArn.replace('/api/', '/admin/');
  const ports = { PortMappings: [{ ContainerPort: 3000 }, { ContainerPort: 9000 }] };
  const inBoth = {
    LoadBalancers: [
      { TargetGroupArn: targetGroupArn, ContainerName: 'api-container', ContainerPort: 3000 },
      { TargetGroupArn: adminArn, ContainerName: 'api-container', ContainerPort: 9000 },
    ],
  };

  test('counts a task as healthy when each of them does', async () => {
    const ecs = ecsAccount(containers(ports));
    ecs.targets.verdict = (_, arn) =>
      arn === adminArn ? { state: 'initial' } : { state: 'healthy' };
    ecs.controlPlane.createService(serviceResource({ ...inBoth, DesiredCount: 1 }));
    await ecs.clock.advance(twoMinutes);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }]);
    const [task] = ecs.tasks('RUNNING');
    const id = task!.networkInterface.address;
    ecs.targets.set({ id, port: 9000 }, { state: 'healthy' }, adminArn);
    await ecs.clock.advance(0);
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
  });

  test('is deregistered from all of them before its stop signal', async () => {
    const ecs = await runningService(containers(ports), inBoth);
    ecs.controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      desiredCount: 0,
    });
    await ecs.clock.advance(1_000);
    const states = ecs
      .tasks('DEACTIVATING')
      .flatMap(({ networkInterface: { address: id } }) => [
        ecs.targets.targetHealth(targetGroupArn, { id, port: 3000 }).state,
        ecs.targets.targetHealth(adminArn, { id, port: 9000 }).state,
      ]);
    expect(states).toEqual(['draining', 'draining', 'draining', 'draining']);
    expect(ecs.containers.started.flatMap(({ signals }) => signals)).toEqual([]);
  });
});

test('several services of one cluster are deployed independently', async () => {
  const ecs = await runningService();
  ecs.controlPlane.createService(
    deployedResource(
      'AWS::ECS::Service',
      { ...serviceResource(noLoadBalancer).properties, ServiceName: 'worker' },
      { physicalId: `arn:aws:ecs:${region}:${account}:service/practice/worker` },
    ),
  );
  release(ecs);
  await ecs.clock.advance(twoMinutes);
  const revision = (name: string) =>
    ecs.controlPlane.describeService('practice', name).taskDefinition.replace(/^.*:/, '');
  expect([revision('api-service'), revision('worker')]).toEqual(['3', '2']);
  expect(ecs.controlPlane.describeService('practice', 'worker').runningCount).toBe(2);
});

test('forceNewDeployment deploys the same revision again, with the image of that moment', async () => {
  const ecs = await runningService();
  ecs.images.images.set('one', 'sha256:99');
  ecs.controlPlane.updateService({
    cluster: 'practice',
    service: 'api-service',
    forceNewDeployment: true,
  });
  await ecs.clock.advance(twoMinutes);
  expect(ecs.controlPlane.deployments('practice', 'api-service')).toHaveLength(2);
  expect(ecs.describe().taskDefinition).toMatch(/api:1$/);
  expect(ecs.containers.running.map(({ spec }) => spec.image.digest)).toEqual([
    'sha256:99',
    'sha256:99',
  ]);
});

describe('the image of a deployment', () => {
  const replaced = async (ecs: Awaited<ReturnType<typeof runningService>>) => {
    ecs.images.images.set('one', 'sha256:99');
    ecs.containers.started[0]!.exit({ exitCode: 1 });
    await ecs.clock.advance(twoMinutes);
    return ecs.containers.started.at(-1)!.spec.image.digest;
  };

  test('stays the same for replacements, whatever the tag names meanwhile', async () => {
    expect(await replaced(await runningService())).toBe('sha256:11');
  });

  test('is asked for anew by every task where versionConsistency is disabled', async () => {
    const options = containers({ VersionConsistency: 'disabled' });
    expect(await replaced(await runningService(options))).toBe('sha256:99');
  });

  test('is not pinned after three failed resolutions', async () => {
    const ecs = ecsAccount();
    ecs.images.images.delete('one');
    ecs.controlPlane.createService(
      serviceResource({ DesiredCount: 3, DeploymentConfiguration: {} }),
    );
    await ecs.clock.advance(1_000);
    ecs.images.images.set('one', 'sha256:11');
    await ecs.clock.advance(5 * 60_000);
    expect(ecs.tasks('RUNNING')).toHaveLength(3);
    expect(await replaced(ecs)).toBe('sha256:99');
  });

  test('cannot be resolved while no task is desired: the first task of a scale-out does', async () => {
    const ecs = await runningService({}, { DesiredCount: 0 });
    expect(ecs.describe().deployments).toMatchObject([{ rolloutState: 'COMPLETED' }]);
    ecs.images.images.set('one', 'sha256:99');
    ecs.controlPlane.updateService({
      cluster: 'practice',
      service: 'api-service',
      desiredCount: 1,
    });
    await ecs.clock.advance(twoMinutes);
    expect(ecs.containers.running.map(({ spec }) => spec.image.digest)).toEqual(['sha256:99']);
  });
});

test('a service that cannot start tasks consistently is told on the event bus as impaired', async () => {
  const ecs = ecsAccount();
  ecs.images.images.clear();
  ecs.controlPlane.createService(serviceResource({ DesiredCount: 1, DeploymentConfiguration: {} }));
  await ecs.clock.advance(60 * 60_000);
  expect(ecs.awsEvents('ECS Service Action').map(({ detail }) => detail)).toEqual([
    expect.objectContaining({ eventType: 'WARN', eventName: 'SERVICE_TASK_START_IMPAIRED' }),
  ]);
  expect(
    ecs.awsEvents('ECS Deployment State Change').map(({ detail }) => detail['eventName']),
  ).toEqual(['SERVICE_DEPLOYMENT_IN_PROGRESS']);
});

test('a task in its grace period is stopped when there are more than desired', async () => {
  const ecs = ecsAccount();
  ecs.targets.verdict = () => ({ state: 'unhealthy' });
  ecs.controlPlane.createService(serviceResource({ HealthCheckGracePeriodSeconds: 600 }));
  await ecs.clock.advance(60_000);
  ecs.controlPlane.updateService({ cluster: 'practice', service: 'api-service', desiredCount: 1 });
  await ecs.clock.advance(30_000);
  expect(ecs.tasks('RUNNING')).toHaveLength(1);
  expect(ecs.tasks('STOPPED')).toMatchObject([
    { stoppedReason: expect.stringMatching(/^Scaling activity initiated by/) },
  ]);
});

test('an image that runs as root ends the rehearsal with its reason, and is not tried again', async () => {
  const ecs = ecsAccount();
  ecs.containers.runError = new RehearsalError('ContainerUserIsRoot', 'would run as root');
  ecs.controlPlane.createService(serviceResource());
  const waiting = expect(
    ecs.controlPlane.waitForDeployment('practice', 'api-service', new AbortController().signal),
  ).rejects.toMatchObject({ code: 'ContainerUserIsRoot', exitCode: 2 });
  await ecs.clock.advance(10 * 60_000);
  await waiting;
  expect(ecs.controlPlane.tasks()).toHaveLength(2);
});

describe('containers that depend on others', () => {
  const init = { Name: 'init', PortMappings: [], Essential: false };
  const dependent = (condition: string) => ({
    DependsOn: [{ ContainerName: 'init', Condition: condition }],
  });
  const names = (ecs: ReturnType<typeof ecsAccount>) =>
    ecs.containers.started.map(({ spec }) => /-(init|api-container)-/.exec(spec.name)?.[1]);
  const start = async (condition: string, more: Record<string, unknown> = {}) => {
    const ecs = ecsAccount(containers(dependent(condition), { ...init, ...more }));
    ecs.controlPlane.createService(serviceResource({ DesiredCount: 1 }));
    await ecs.clock.advance(1_000);
    return ecs;
  };

  test('START waits only until the other one has started', async () => {
    expect(names(await start('START'))).toEqual(['init', 'api-container']);
  });

  test.each([
    ['COMPLETE', 1],
    ['SUCCESS', 0],
  ])('%s waits until the other one has exited, here with %i', async (condition, exitCode) => {
    const ecs = await start(condition);
    expect(names(ecs)).toEqual(['init']);
    ecs.containers.started[0]!.exit({ exitCode });
    await ecs.clock.advance(0);
    expect(names(ecs)).toEqual(['init', 'api-container']);
  });

  test('give up when the other one does not get there within its startTimeout', async () => {
    const ecs = await start('SUCCESS', { StartTimeout: 10 });
    await ecs.clock.advance(10_000);
    expect(ecs.controlPlane.tasks()[0]!.stoppedReason).toMatch(
      /^ContainerRuntimeTimeoutError: .*dependency \[init\] for target \[api-container\].*did not become SUCCESS in 10 s/,
    );
  });

  test('give up when the other one turns out UNHEALTHY', async () => {
    const ecs = ecsAccount(
      containers(dependent('HEALTHY'), {
        ...init,
        HealthCheck: { Command: ['CMD', 'ok'], Interval: 5, Retries: 1 },
      }),
    );
    ecs.containers.onStart = (container) => (container.healthExitCode = 1);
    ecs.controlPlane.createService(serviceResource({ DesiredCount: 1 }));
    await ecs.clock.advance(6_000);
    expect(ecs.controlPlane.tasks()[0]!.stoppedReason).toContain(
      'dependency container became unhealthy',
    );
  });
});

describe('what a rehearsal cannot show is named', () => {
  test('tasks on Spot capacity', async () => {
    const ecs = await runningService(
      {},
      { LaunchType: undefined, CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT' }] },
    );
    expect(ecs.tasks('RUNNING')).toHaveLength(2);
    expect(unproven(ecs)).toContainEqual(
      expect.stringMatching(/FARGATE_SPOT.*nobody takes back unless a scenario does/),
    );
  });

  test('output that no log driver, or another one, would take', async () => {
    const none = await runningService(containers({ LogConfiguration: undefined }));
    expect(unproven(none)).toContainEqual(expect.stringMatching(/AWS keeps none of its output/));
    const other = await runningService(containers({ LogConfiguration: { LogDriver: 'splunk' } }));
    expect(unproven(other)).toContainEqual(expect.stringMatching(/log driver 'splunk'/));
    expect(unproven(await runningService())).toEqual([]);
  });

  test('another operating system is refused', () => {
    const ecs = ecsAccount({
      taskDefinition: { RuntimePlatform: { OperatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
    });
    expect(() => ecs.controlPlane.createService(serviceResource())).toThrow(
      /only LINUX can be played of the operating systems, got "WINDOWS_SERVER_2022_CORE"/,
    );
  });
});

test('a health check on a port that no container publishes is refused with the next move', () => {
  const group = deployedResource(
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    { HealthCheckPort: 9000 },
    { physicalId: targetGroupArn },
  );
  const create = (options: Options) =>
    ecsAccount({ ...options, resources: [group] }).controlPlane.createService(serviceResource());
  expect(() => create({})).toThrow(
    /on port 9000, which no container publishes \(published: 3000\)\. Add it to the PortMappings/,
  );
  const published = [{ ContainerPort: 3000 }, { ContainerPort: 9000 }];
  expect(() => create(containers({ PortMappings: published }))).not.toThrow();
});

test('a service whose container maps the port twice, by TCP and by UDP, is refused', () => {
  const mappings = ['tcp', 'udp'].map((Protocol) => ({ ContainerPort: 3000, Protocol }));
  const ecs = ecsAccount(containers({ PortMappings: mappings }));
  expect(() => ecs.controlPlane.createService(serviceResource())).toThrow(
    'Container port 3000 is used in more than one port mapping for container api-container.',
  );
  expect(() => ecs.controlPlane.createService(serviceResource(noLoadBalancer))).not.toThrow();
});

test('early success criteria and deployment alarms are read from the template', () => {
  const { earlySuccess, alarms } = readServiceDefinition(
    serviceResource({
      DeploymentConfiguration: {
        EarlySuccessCriteria: {
          Enable: 'true',
          HealthyPercent: 90,
          SourceServiceRevisionCleanup: 'DEFERRED',
        },
        Alarms: { AlarmNames: ['errors'], Enable: 'true', Rollback: 'false' },
      },
    }),
  );
  expect(earlySuccess).toEqual({ healthyPercent: 90, sourceServiceRevisionCleanup: 'DEFERRED' });
  expect(alarms).toEqual({ alarmNames: ['errors'], rollback: false });
});

test('a capacity provider other than Fargate is refused by name', () => {
  const service = serviceResource({ CapacityProviderStrategy: [{ CapacityProvider: 'my-asg' }] });
  expect(() => readServiceDefinition(service)).toThrow(/only Fargate can be played, got "my-asg"/);
});

test('after a rollback, old tasks that died meanwhile come back with the image that they had', async () => {
  const ecs = await runningService();
  release(ecs, `${repository}:absent`);
  await ecs.clock.advance(1_000);
  ecs.containers.started[0]!.exit({ exitCode: 137 });
  await ecs.clock.advance(10 * 60_000);
  expect(ecs.containers.running.every(({ spec }) => spec.image.digest === 'sha256:11')).toBe(true);
  expect(ecs.tasks('RUNNING')).toHaveLength(2);
});
