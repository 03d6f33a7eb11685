import { isoTime } from '../clock';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { imageNotPlayed } from '../containers/task-image';
import { RehearsalError } from '../errors';
import { EcsApiError } from './ecs-api-error';
import type { EcsDependencies } from './ecs-dependencies';
import {
  type DeploymentSummary,
  describeService,
  type ServiceDescription,
  summarizeDeployment,
} from './service-description';
import { trustsEcsTasks } from './execution-role';
import { checkIpVersions, isIpv6Only } from './ip-versions';
import { registryImageReference } from './registry-image';
import { checkHealthCheckPorts, checkLoadBalancers } from './service-checks';
import { readServiceDefinition, type ServiceDefinition } from './service-definition';
import { ServiceScheduler } from './service-scheduler';
import { readTaskDefinition, type TaskDefinition } from './task-definition';
import { type RegisteredTaskDefinition, TaskDefinitionRegistry } from './task-definition-registry';
import { TaskNetwork } from './task-network';
import type { TaskRecord } from './task-record';
import { measureTask, type TaskUtilization } from './task-utilization';
import { unplayedFeatures } from './unplayed-features';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html */
export interface UpdateServiceRequest {
  /** Name or ARN */
  readonly cluster: string;
  /** Name or ARN */
  readonly service: string;
  /** ARN, `family:revision`, or a family for its latest ACTIVE revision */
  readonly taskDefinition?: string;
  readonly forceNewDeployment?: boolean;
  readonly desiredCount?: number;
}

/** The ECS API, as far as a release needs it. Calls are not authorized here: see `ecs-deploy.ts`. */
export class EcsControlPlane {
  private readonly registry: TaskDefinitionRegistry;
  private readonly network: TaskNetwork;
  private readonly schedulers: ServiceScheduler[] = [];

  constructor(private readonly deps: EcsDependencies) {
    this.registry = new TaskDefinitionRegistry(deps.account, deps.region, () => deps.clock.now());
    this.network = new TaskNetwork(deps.resources, deps.region);
  }

  /**
   * Creates the service and starts its first deployment, as CloudFormation does; the tasks follow.
   *
   * @param resource an AWS::ECS::Service; its task definition and cluster are looked up in the
   *   deployed resources
   * @throws RehearsalError when one of them cannot be read, is missing, or ECS would refuse it
   */
  createService(resource: DeployedResource): ServiceDescription {
    const definition = readServiceDefinition(resource);
    const cluster = this.deps.resources.find('AWS::ECS::Cluster', definition.cluster);
    const taskDefinitionResource = this.deps.resources.find(
      'AWS::ECS::TaskDefinition',
      definition.taskDefinition,
    );
    const missing = (type: string, name: string) =>
      new RehearsalError(
        'ServiceNotCreated',
        `service '${definition.serviceName}' in stack '${resource.stack}' uses the ${type} '${name}', which no stack of this assembly creates. Define it in the CDK app.`,
      );
    if (cluster === undefined) throw missing('cluster', definition.cluster);
    if (taskDefinitionResource === undefined)
      throw missing('task definition', definition.taskDefinition);
    const taskDefinition = this.registerTaskDefinition(readTaskDefinition(taskDefinitionResource));
    checkLoadBalancers(definition, taskDefinition.definition);
    checkIpVersions(definition, this.deps.resources);
    checkHealthCheckPorts(definition, taskDefinition.definition, this.deps.resources);
    this.checkRoles(taskDefinition.definition);
    this.nameUnplayed(definition, taskDefinition.definition);
    const clusterArn =
      cluster.attributes['Arn'] ??
      `arn:aws:ecs:${this.deps.region}:${this.deps.account}:cluster/${cluster.physicalId}`;
    const scheduler = new ServiceScheduler(definition, clusterArn, this.network, this.deps);
    this.schedulers.push(scheduler);
    scheduler.deploy(taskDefinition);
    return describeService(scheduler);
  }

  /** @throws EcsApiError `ServiceNotFoundException` */
  describeService(cluster: string, service: string): ServiceDescription {
    return describeService(this.scheduler(cluster, service));
  }

  /**
   * To be asked while waiting for tasks: what this machine refuses to run ends the rehearsal rather
   * than looking like a failure that AWS would show.
   *
   * @throws RehearsalError e.g. `ContainerUserIsRoot`
   */
  checkPlayable(): void {
    for (const { unplayable } of this.schedulers) if (unplayable !== undefined) throw unplayable;
  }

  /** Every service of the control plane. */
  describeServices(): readonly ServiceDescription[] {
    return this.schedulers.map(describeService);
  }

  /** @throws EcsApiError `ClientException` */
  describeTaskDefinition(taskDefinition: string): RegisteredTaskDefinition {
    return this.registry.describe(taskDefinition);
  }

  /** @throws EcsApiError `ClientException`; RehearsalError `ImageNotPlayed` */
  registerTaskDefinition(definition: TaskDefinition): RegisteredTaskDefinition {
    for (const { image } of definition.containerDefinitions) {
      const isPlayed =
        this.deps.containers.findOutside !== undefined ||
        registryImageReference(image) !== undefined;
      if (!isPlayed) throw imageNotPlayed(image);
    }
    return this.registry.register(definition);
  }

  /**
   * Only another revision and `forceNewDeployment` start a deployment.
   *
   * @throws EcsApiError `ServiceNotFoundException`, `ClientException`
   */
  updateService(request: UpdateServiceRequest): ServiceDescription {
    const scheduler = this.scheduler(request.cluster, request.service);
    const current = scheduler.deployments.primary.taskDefinition;
    const wanted =
      request.taskDefinition === undefined
        ? current
        : this.registry.describe(request.taskDefinition);
    if (request.desiredCount !== undefined) scheduler.setDesiredCount(request.desiredCount);
    const isOtherRevision = wanted.taskDefinitionArn !== current.taskDefinitionArn;
    if (isOtherRevision || request.forceNewDeployment === true) scheduler.deploy(wanted);
    return describeService(scheduler);
  }

  /**
   * Resolves when the service's deployment is COMPLETED or FAILED, or when `signal` aborts; looks
   * every second of AWS time.
   *
   * @throws EcsApiError `ServiceNotFoundException`; RehearsalError as `checkPlayable`
   */
  async waitForDeployment(
    cluster: string,
    service: string,
    signal: AbortSignal,
  ): Promise<ServiceDescription> {
    const scheduler = this.scheduler(cluster, service);
    while (scheduler.deployments.primary.rolloutState === 'IN_PROGRESS' && !signal.aborted) {
      this.checkPlayable();
      await this.deps.clock.wait(1000, signal);
    }
    return describeService(scheduler);
  }

  /** All deployments of a service so far, oldest first. */
  deployments(cluster: string, service: string): readonly DeploymentSummary[] {
    const { state } = this.scheduler(cluster, service);
    return state.deployments
      .map((deployment) => summarizeDeployment(deployment, state.definition))
      .reverse();
  }

  /** All tasks so far, STOPPED ones too, oldest first. */
  tasks(): readonly Readonly<TaskRecord>[] {
    return this.schedulers.flatMap(({ state }) => state.tasks.map(({ task }) => task.record));
  }

  /**
   * Takes a task of a service on FARGATE_SPOT away, as AWS does when it needs the capacity.
   *
   * @throws RehearsalError `TaskNotOnSpot`
   */
  interruptSpotTask(taskId: string): void {
    const entries = this.schedulers
      .filter(({ state }) => state.definition.capacityProviders.includes('FARGATE_SPOT'))
      .flatMap(({ state }) => state.tasks);
    const entry = entries.find(({ task }) => task.id === taskId);
    if (entry === undefined) {
      throw new RehearsalError(
        'TaskNotOnSpot',
        `no service with FARGATE_SPOT in its CapacityProviderStrategy has the task '${taskId}', so AWS would not interrupt it.`,
      );
    }
    entry.task.interrupt();
  }

  /** What each RUNNING task uses of what it reserves. */
  async measureTasks(): Promise<readonly TaskUtilization[]> {
    const measured = this.schedulers.flatMap(({ state }) =>
      state.tasks.map(({ task }) => measureTask(task.record, state.definition.serviceName)),
    );
    return (await Promise.all(measured)).filter((task) => task !== undefined);
  }

  /** Ends everything quickly, for the end of the rehearsal. May be called twice. */
  async close(): Promise<void> {
    await Promise.all(this.schedulers.map((scheduler) => scheduler.close()));
  }

  private nameUnplayed(service: ServiceDefinition, task: TaskDefinition): void {
    const { alarms, clock, events } = this.deps;
    const has = {
      alarmStates: alarms !== undefined,
      ipv4: !isIpv6Only(service, this.deps.resources),
    };
    for (const message of unplayedFeatures(service, task, has)) {
      events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
    }
  }

  /** Asks now, so that a role that no stack defines is said before any task runs into it. */
  private checkRoles({ executionRoleArn, taskRoleArn }: TaskDefinition): void {
    for (const roleArn of [executionRoleArn, taskRoleArn]) {
      if (roleArn !== undefined) trustsEcsTasks(roleArn, this.deps);
    }
  }

  private scheduler(cluster: string, service: string): ServiceScheduler {
    const name = (arnOrName: string) => arnOrName.replace(/^.*\//, '');
    const found = this.schedulers.find(
      ({ clusterArn, state }) =>
        name(clusterArn) === name(cluster) && state.definition.serviceName === name(service),
    );
    if (found === undefined)
      throw new EcsApiError('ServiceNotFoundException', 'Service not found.');
    return found;
  }
}
