import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AccessLogRecord } from '../elbv2/access-log';
import type { LoadBalancers } from '../elbv2/load-balancers';
import { RehearsalError } from '../errors';
import type { DeploymentReport } from '../report/report';
import type { Step } from '../reporter/steps-view';
import type { RunningServices } from '../running-services';
import { TrafficGenerator, type TrafficOptions } from '../traffic/traffic-generator';
import type { FailedRequest } from '../traffic/traffic-tally';
import type { World } from '../world';
import type { Facts } from './facts';
import {
  imagesPushedSince,
  parametersHolding,
  runningRevisions,
  taskDefinitionOf,
} from './observations';
import type { Change } from './release-change';
import { NO_TRAFFIC, reportedDeployment, reportedExecution, reportedTraffic } from './reported';
import type { ScenarioSettings } from './scenario';

/** How long traffic runs before the push and at the end, to see who answers. */
const OBSERVATION_MS = 3000;

/** Longest that a service may take to become steady here; on AWS CloudFormation waits for hours. */
const PATIENCE_MS = 15 * 60_000;

/** The parts that scenarios are made of, and what was seen while they were played. */
export class Story {
  private traffic: TrafficGenerator | undefined;
  /** Called for each request that a load balancer has finished */
  readonly accessListeners = new Set<(record: AccessLogRecord) => void>();
  private readonly pushedCommits: string[] = [];
  private firstPushAt = Infinity;
  private answersBefore: Readonly<Record<string, number>> = {};
  private answersAfter: Readonly<Record<string, number>> = {};
  private pageBefore: string | undefined;
  private pageAfter: string | undefined;
  private parametersWithFirstTag: readonly string[] = [];

  constructor(
    readonly world: World,
    private readonly settings: ScenarioSettings,
  ) {}

  /** A service that runs the first version, and traffic against it. */
  readonly opening: readonly Step[] = [
    { title: 'First image: sh deploy.sh', run: () => this.pushFirstImage() },
    { title: 'Stacks deployed, service started', run: () => this.startService() },
    { title: 'Traffic against the first version', run: () => this.startTraffic() },
  ];

  async pushFirstImage(): Promise<void> {
    if (this.world.project.deployScript === undefined) {
      throw new RehearsalError(
        'ProjectUnusable',
        `there is no deploy.sh in '${this.world.project.directory}'. A rehearsal starts with the first image, which that script builds and pushes.`,
      );
    }
    await this.world.runScript('deploy.sh');
  }

  /** Deploys the stacks and waits until the service runs steadily. */
  async startService(): Promise<void> {
    const { world } = this;
    world.deploy();
    const services = await world.start((record) => {
      this.traffic?.recordAccess(record);
      for (const listener of this.accessListeners) listener(record);
    });
    await this.awaitDeployment();
    const firstTag = tagOf(this.deployments(services)[0]?.image);
    this.parametersWithFirstTag = parametersHolding(world.account, world.assembly, firstTag);
  }

  /**
   * Waits until the newest deployment of the service is COMPLETED.
   *
   * @throws RehearsalError `ServiceNotSteady`
   */
  async awaitDeployment(): Promise<void> {
    const { clusterArn, serviceName } = serviceOf(this.running);
    const patience = new AbortController();
    const waited = new AbortController();
    void this.world.clock.delay(PATIENCE_MS, waited.signal).then(() => patience.abort());
    const { deployments, events } = await this.running.ecs.waitForDeployment(
      clusterArn,
      serviceName,
      patience.signal,
    );
    waited.abort();
    const [deployment] = deployments;
    if (deployment?.rolloutState === 'COMPLETED') return;
    throw new RehearsalError(
      'ServiceNotSteady',
      `the newest deployment of service '${serviceName}' is ${deployment?.rolloutState ?? 'gone'}: ${deployment?.rolloutStateReason ?? ''}\n${events
        .slice(0, 5)
        .map(({ message }) => message)
        .join('\n')}`,
      { exitCode: 1 },
    );
  }

  /** `aws ecs update-service --force-new-deployment`: the same version in new tasks. */
  forceNewDeployment(): void {
    const { clusterArn, serviceName } = serviceOf(this.running);
    this.running.ecs.updateService({
      cluster: clusterArn,
      service: serviceName,
      forceNewDeployment: true,
    });
  }

  /** @param kind of traffic, where the scenario needs another than the usual one */
  async startTraffic(
    kind: Partial<Pick<TrafficOptions, 'mix' | 'slowBodyMs' | 'requestsPerSecond'>> = {},
  ): Promise<void> {
    const { ecs } = this.running;
    const { address } = this;
    this.pageBefore = await page(address);
    this.traffic = new TrafficGenerator({
      address,
      clock: this.world.clock,
      requestsPerSecond: this.settings.requestsPerSecond,
      taskDefinitionOf: (target) => taskDefinitionOf(ecs, target),
      ...kind,
    });
    this.traffic.start();
    await this.world.clock.delay(OBSERVATION_MS);
    this.answersBefore = this.traffic.summary().byTaskDefinition;
  }

  /** Text of a file of the clone; empty when there is none. */
  read(path: string): string {
    try {
      return readFileSync(join(this.world.clone.directory, path), 'utf8');
    } catch {
      return '';
    }
  }

  async files(): Promise<readonly string[]> {
    return (await this.world.clone.run('ls-files')).split('\n');
  }

  /** Commits a change in the developer's clone, without pushing it. */
  async commit(change: Change): Promise<void> {
    const { clone } = this.world;
    const path = join(clone.directory, change.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, change.content);
    await clone.run('add', '--all');
    await clone.run('commit', '--quiet', '-m', change.message);
  }

  /** Commits a change and pushes it to the branch that the pipeline releases. */
  async push(change: Change): Promise<void> {
    await this.commit(change);
    if (this.pushedCommits.length === 0) this.firstPushAt = this.world.clock.now();
    this.pushedCommits.push(await this.world.push());
  }

  /** Waits for the executions that pushes have started; at least one must have been. */
  async awaitExecutions(): Promise<void> {
    const { started } = this.running;
    if (started.length === 0) {
      const answers = this.world.github.deliveries.map(({ responseStatus }) => responseStatus);
      throw new RehearsalError(
        'NothingStarted',
        `the push started no pipeline execution (webhook deliveries answered: ${answers.join(', ') || 'none'}).`,
        { exitCode: 1 },
      );
    }
    await Promise.all(started);
  }

  /** Lets traffic run on, sees who answers, and ends it. */
  async observeEnd(): Promise<void> {
    const { traffic } = this;
    if (traffic === undefined) throw new Error('traffic starts before the end is observed');
    const before = traffic.summary().byTaskDefinition;
    await this.world.clock.delay(OBSERVATION_MS);
    this.pageAfter = await page(this.address);
    await traffic.stop();
    const after = traffic.summary().byTaskDefinition;
    this.answersAfter = Object.fromEntries(
      Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
    );
  }

  get running(): RunningServices {
    const { services } = this.world;
    if (services === undefined) throw new Error('services are started before they are used');
    return services;
  }

  /** Of the first listener. */
  get address(): { readonly host: string; readonly port: number } {
    const { host, port } = listenerOf(this.running.loadBalancers);
    return { host, port };
  }

  /** Requests of the traffic that failed, the first thousand of them. */
  get failedRequests(): readonly FailedRequest[] {
    return this.traffic?.failures() ?? [];
  }

  get requestsSent(): number {
    return this.traffic?.summary().sent ?? 0;
  }

  facts(): Facts {
    const { world, traffic } = this;
    const { account, services } = world;
    return {
      pushedCommits: this.pushedCommits,
      executions: (services?.pipelines ?? []).flatMap((pipeline) =>
        pipeline.executions.map(reportedExecution),
      ),
      deployments: services === undefined ? [] : this.deployments(services),
      desiredCount: services === undefined ? 0 : serviceOf(services).desiredCount,
      runningTasks: services === undefined ? [] : runningRevisions(services.ecs),
      pushedImages: imagesPushedSince(account, this.firstPushAt),
      recordedTags: Object.fromEntries(
        this.parametersWithFirstTag.map((name) => [
          name,
          account.parameters.find(name)?.value ?? '',
        ]),
      ),
      traffic: traffic === undefined ? NO_TRAFFIC : reportedTraffic(traffic),
      answersBefore: this.answersBefore,
      answersAfter: this.answersAfter,
      pageBefore: this.pageBefore,
      pageAfter: this.pageAfter,
      calls: account.access.uses(),
      mail: [],
    };
  }

  private deployments(services: RunningServices): DeploymentReport[] {
    const { clusterArn, serviceName } = serviceOf(services);
    return services.ecs.deployments(clusterArn, serviceName).map(reportedDeployment);
  }
}

/** The tag of `host/repository:tag`; undefined for a digest. */
export function tagOf(image: string | undefined): string | undefined {
  return /:([^:/@]+)$/.exec(image ?? '')?.[1];
}

function serviceOf({ ecs }: RunningServices) {
  const [service] = ecs.describeServices();
  if (service === undefined) {
    throw new RehearsalError('ServiceMissing', 'no stack of the assembly has an ECS service.');
  }
  return service;
}

function listenerOf(loadBalancers: LoadBalancers) {
  const [address] = loadBalancers.addresses();
  if (address === undefined) {
    throw new RehearsalError('ListenerMissing', 'no stack of the assembly has a listener.');
  }
  return address;
}

async function page({ host, port }: { host: string; port: number }): Promise<string> {
  const response = await fetch(`http://${host}:${port}/`);
  return response.text();
}
