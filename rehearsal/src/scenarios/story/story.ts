import type { PipelineExecution } from '../../codepipeline/execution';
import type { ServiceDescription } from '../../ecs/service-description';
import type { AccessLogRecord } from '../../elbv2/access-log';
import { isNetworkProtocol } from '../../elbv2/protocols';
import { RehearsalError } from '../../errors';
import type { DeploymentReport } from '../../report/report';
import type { Step } from '../../reporter/steps-view';
import type { RunningServices } from '../../running-services';
import type { ListenerEnd } from '../../traffic/listener-client';
import type { FailedRequest } from '../../traffic/traffic-tally';
import type { World } from '../../world';
import type { Facts } from '../checks/facts';
import { type Commit, Repository } from '../commits/repository';
import type { ScenarioSettings } from '../scenario';
import { listenerOf, serviceOf, taskDefinitionFinder } from './observations';
import { ObservedTraffic, type TrafficKind } from './observed-traffic';
import { NEW_WORLD, observationMs, SHARED_WORLD } from './pace';
import { deploymentEnd, LOOK_MS, requireCompleted, skippingLimits } from './waits';
import { Witness } from './witness';

/** The parts that scenarios are made of, and what was seen while they were played. */
export class Story {
  readonly repository: Repository;
  /** Called for each request that a load balancer has finished */
  readonly accessListeners = new Set<(record: AccessLogRecord) => void>();
  private readonly pace: typeof NEW_WORLD;
  private readonly witness: Witness;
  private readonly traffic = new ObservedTraffic(() => this.observe());

  constructor(
    readonly world: World,
    private readonly settings: ScenarioSettings,
  ) {
    this.repository = new Repository(world);
    this.pace = world.services === undefined ? NEW_WORLD : SHARED_WORLD;
    this.witness = new Witness(world);
  }

  /** A service that runs the first version, or the last healthy one, and traffic against it. */
  get opening(): readonly Step[] {
    return this.openingWith({});
  }

  /** The opening with traffic of another kind. */
  openingWith(kind: TrafficKind): readonly Step[] {
    const startTraffic = {
      title: 'Traffic against the first version',
      run: () => this.startTraffic(kind),
    };
    if (this.world.services !== undefined) {
      return [{ title: 'Last healthy version', run: () => this.goOn() }, startTraffic];
    }
    return [
      { title: 'First image: sh deploy.sh', run: () => this.pushFirstImage() },
      { title: 'Stacks deployed, service started', run: () => this.startService() },
      startTraffic,
    ];
  }

  async pushFirstImage(): Promise<void> {
    // Without such a script the first image is an asset of the CDK app, or is built by the world.
    if (this.world.project.deployScript === undefined) return;
    await this.world.runScript('deploy.sh');
  }

  /**
   * Deploys the stacks and waits until the service runs steadily.
   *
   * @throws RehearsalError `ServiceNotSteady`
   */
  async startService(): Promise<void> {
    await this.createService();
    // Nobody is served yet, so alarms that guard the first deployment have nothing to see.
    await skippingLimits(this.world, this.awaitDeployment());
    this.witness.findRecords();
  }

  /** Deploys the stacks; the service's first deployment is under way when it returns. */
  async createService(): Promise<void> {
    this.world.deploy();
    await this.world.start();
    this.witness.begin();
  }

  /**
   * Waits until the newest deployment of the service is COMPLETED.
   *
   * @throws RehearsalError `ServiceNotSteady`
   */
  async awaitDeployment(): Promise<void> {
    requireCompleted(await this.awaitDeploymentEnd());
  }

  /** Waits until the newest deployment of the service has ended, well or not. */
  awaitDeploymentEnd(): Promise<ServiceDescription> {
    return deploymentEnd(this.running, this.world.clock);
  }

  /**
   * `aws ecs update-service --force-new-deployment`: the same version in new tasks.
   *
   * @param desiredCount how many of them, as `--desired-count`; as many as now unless given
   */
  forceNewDeployment(desiredCount = serviceOf(this.running).desiredCount): void {
    const { clusterArn, serviceName } = serviceOf(this.running);
    this.running.ecs.updateService({
      cluster: clusterArn,
      service: serviceName,
      forceNewDeployment: true,
      desiredCount,
    });
  }

  /** @param kind of traffic, where the scenario needs another than the usual one */
  async startTraffic(kind: TrafficKind = {}): Promise<void> {
    this.witness.begin();
    const { traffic } = this;
    this.world.onRequest = (record) => {
      traffic.recordAccess(record);
      for (const listener of this.accessListeners) listener(record);
    };
    this.world.onClose(() => traffic.stop());
    await traffic.start({
      address: this.address,
      connectionsEnd: isNetworkProtocol(listenerOf(this.running).listenerProtocol),
      clock: this.world.clock,
      requestsPerSecond: this.settings.requestsPerSecond,
      slowBodyMs: this.pace.slowBodyMs,
      taskDefinitionOf: taskDefinitionFinder(this.running.ecs),
      ...kind,
    });
  }

  /** Text of a file of the clone; empty when there is none. */
  read(path: string): string {
    return this.repository.read(path);
  }

  files(): Promise<readonly string[]> {
    return this.repository.files();
  }

  /** Commits a change in the developer's clone, without pushing it. */
  async commit(commit: Commit): Promise<void> {
    await this.repository.commit(commit);
  }

  /**
   * Commits to the last healthy version and pushes.
   *
   * @param branch the one that the pipeline releases unless given
   */
  async push(commit: Commit, branch?: string): Promise<void> {
    this.witness.pushBegins();
    this.witness.pushed(await this.repository.push(commit, branch));
  }

  /** Waits for the executions that pushes have started; at least one must have been. */
  async awaitExecutions(): Promise<void> {
    const started = this.witness.started();
    if (started.length === 0) {
      throw new RehearsalError(
        'NothingStarted',
        [
          `the push started no pipeline execution (webhook deliveries answered: ${this.witness.deliveries().join(', ') || 'none'}).`,
          ...this.running.silentSources(),
        ].join('\n  '),
        { exitCode: 1 },
      );
    }
    await Promise.all(started);
  }

  /** The executions that began since the story did, oldest first. */
  executions(): readonly PipelineExecution[] {
    return this.witness.executions();
  }

  /** The next evaluation of the alarms, without waiting for the minute to end. */
  async evaluateAlarms(): Promise<void> {
    // What is measured in this very millisecond belongs to the next period.
    await this.world.clock.delay(LOOK_MS);
    await this.running.notifications.alarms.evaluate();
  }

  /** Lets traffic run for a moment. */
  observe(): Promise<void> {
    const { requestsPerSecond } = this.settings;
    return this.world.clock.delay(observationMs(this.pace.observedRequests, requestsPerSecond));
  }

  /** Lets traffic run on, sees who answers, and ends it. */
  observeEnd(): Promise<void> {
    return this.traffic.observeEnd();
  }

  /** Keeps what a delivery was answered with that did not come from GitHub. */
  recordForgedDelivery(status: number): void {
    this.witness.recordForgedDelivery(status);
  }

  get running(): RunningServices {
    const { services } = this.world;
    if (services === undefined) throw new Error('services are started before they are used');
    return services;
  }

  /** Of the first listener. */
  get address(): ListenerEnd {
    const { host, port, certificate } = listenerOf(this.running);
    return { host, port, certificate };
  }

  /** Of the deployment that ran when the story began. */
  get image(): string {
    return this.deployments()[0]?.image ?? '';
  }

  /** Requests of the traffic that failed, the first thousand of them. */
  get failedRequests(): readonly FailedRequest[] {
    return this.traffic.failedRequests;
  }

  get requestsSent(): number {
    return this.traffic.requestsSent;
  }

  facts(): Facts {
    return this.witness.facts(this.traffic.facts());
  }

  /** The deployment that ran when the story began, and those that began since; oldest first. */
  deployments(): readonly DeploymentReport[] {
    return this.witness.deployments();
  }

  /** In a world that other scenarios have used: back to the files of the last healthy version. */
  private async goOn(): Promise<void> {
    const executions = this.running.pipelines.flatMap((pipeline) => pipeline.executions);
    const released = executions.findLast(({ status }) => status === 'Succeeded')?.commit;
    await this.repository.takeFilesOf(released ?? this.world.firstCommit);
    this.witness.findRecords();
  }
}
