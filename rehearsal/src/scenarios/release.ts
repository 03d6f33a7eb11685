import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RehearsalError } from '../errors';
import type { LoadBalancers } from '../elbv2/load-balancers';
import type { Step } from '../reporter/steps-view';
import type { RunningServices } from '../running-services';
import { TrafficGenerator } from '../traffic/traffic-generator';
import type { World } from '../world';
import {
  imagesPushedSince,
  parametersHolding,
  runningRevisions,
  taskDefinitionOf,
} from './observations';
import { releaseChange } from './release-change';
import { releaseChecks } from './release-checks';
import { NO_TRAFFIC, reportedDeployment, reportedExecution, reportedTraffic } from './reported';
import type { Scenario, ScenarioFindings, ScenarioPlay, ScenarioSettings } from './scenario';

/** How long traffic runs before the push and after the release, to see who answers. */
const OBSERVATION_MS = 3000;

/** Longest that a service may take to become steady here; on AWS CloudFormation waits for hours. */
const PATIENCE_MS = 15 * 60_000;

/** A healthy release: a push becomes a new version that serves alone, and nobody notices. */
export const release: Scenario = {
  name: 'release',
  expectation:
    'A pushed commit is tested, built and deployed; in the end the new version serves alone, its tag is recorded, and no request was lost on the way.',
  begin: (world, settings) => new ReleasePlay(world, settings),
};

class ReleasePlay implements ScenarioPlay {
  private traffic: TrafficGenerator | undefined;
  private pushedCommit: string | undefined;
  private pushedAt = Infinity;
  private answersBefore: Readonly<Record<string, number>> = {};
  private answersAfter: Readonly<Record<string, number>> = {};
  private pageBefore: string | undefined;
  private pageAfter: string | undefined;
  private parametersWithFirstTag: readonly string[] = [];

  constructor(
    private readonly world: World,
    private readonly settings: ScenarioSettings,
  ) {}

  readonly steps: readonly Step[] = [
    { title: 'First image: sh deploy.sh', run: () => this.pushFirstImage() },
    { title: 'Stacks deployed, service started', run: () => this.startService() },
    { title: 'Traffic against the first version', run: () => this.startTraffic() },
    { title: 'git push', run: () => this.pushChange() },
    { title: 'Pipeline execution', run: () => this.awaitPipeline() },
    { title: 'Traffic against the new version', run: () => this.observeNewVersion() },
  ];

  findings(): ScenarioFindings {
    const { world, traffic } = this;
    const { account, services } = world;
    const executions = (services?.pipelines ?? []).flatMap((pipeline) =>
      pipeline.executions.map(reportedExecution),
    );
    const deployments = services === undefined ? [] : this.deployments(services);
    const trafficReport = traffic === undefined ? NO_TRAFFIC : reportedTraffic(traffic.summary());
    const checks = releaseChecks({
      pushedCommit: this.pushedCommit,
      executions,
      deployments,
      desiredCount: services === undefined ? 0 : serviceOf(services).desiredCount,
      runningTasks: services === undefined ? [] : runningRevisions(services.ecs),
      pushedImages: imagesPushedSince(account, this.pushedAt),
      recordedTags: Object.fromEntries(
        this.parametersWithFirstTag.map((name) => [
          name,
          account.parameters.find(name)?.value ?? '',
        ]),
      ),
      traffic: trafficReport,
      answersBefore: this.answersBefore,
      answersAfter: this.answersAfter,
      pageBefore: this.pageBefore,
      pageAfter: this.pageAfter,
      calls: account.access.uses(),
    });
    return { checks, executions, deployments, traffic: trafficReport, mail: [] };
  }

  private async pushFirstImage(): Promise<void> {
    if (this.world.project.deployScript === undefined) {
      throw new RehearsalError(
        'ProjectUnusable',
        `there is no deploy.sh in '${this.world.project.directory}'. A rehearsal starts with the first image, which that script builds and pushes.`,
      );
    }
    await this.world.runScript('deploy.sh');
  }

  private async startService(): Promise<void> {
    this.world.deploy();
    const services = await this.world.start((record) => this.traffic?.recordAccess(record));
    const { clusterArn, serviceName } = serviceOf(services);
    const patience = new AbortController();
    const waited = new AbortController();
    void this.world.clock.delay(PATIENCE_MS, waited.signal).then(() => patience.abort());
    const { deployments, events } = await services.ecs.waitForDeployment(
      clusterArn,
      serviceName,
      patience.signal,
    );
    waited.abort();
    const [deployment] = deployments;
    if (deployment?.rolloutState !== 'COMPLETED') {
      throw new RehearsalError(
        'ServiceNotSteady',
        `the first deployment of service '${serviceName}' is ${deployment?.rolloutState ?? 'gone'}: ${deployment?.rolloutStateReason ?? ''}\n${events
          .slice(0, 5)
          .map(({ message }) => message)
          .join('\n')}`,
        { exitCode: 1 },
      );
    }
    const { account, assembly } = this.world;
    const firstTag = tagOf(this.deployments(services)[0]?.image);
    this.parametersWithFirstTag = parametersHolding(account, assembly, firstTag);
  }

  private async startTraffic(): Promise<void> {
    const { ecs, loadBalancers } = this.running();
    const address = listenerOf(loadBalancers);
    this.pageBefore = await page(address);
    this.traffic = new TrafficGenerator({
      address,
      clock: this.world.clock,
      requestsPerSecond: this.settings.requestsPerSecond,
      taskDefinitionOf: (target) => taskDefinitionOf(ecs, target),
    });
    this.traffic.start();
    await this.world.clock.delay(OBSERVATION_MS);
    this.answersBefore = this.traffic.summary().byTaskDefinition;
  }

  private async pushChange(): Promise<void> {
    const { clone, project } = this.world;
    const files = (await clone.run('ls-files')).split('\n');
    const read = (path: string) => readFileSync(join(clone.directory, path), 'utf8');
    const buildspec = files.includes('buildspec.yml') ? read('buildspec.yml') : '';
    const change = releaseChange(files, buildspec, read);
    if (change === undefined) {
      throw new RehearsalError(
        'ProjectUnusable',
        `there is no Dockerfile in the commit of '${project.directory}', so there is no image to release. Commit one.`,
      );
    }
    mkdirSync(dirname(join(clone.directory, change.path)), { recursive: true });
    writeFileSync(join(clone.directory, change.path), change.content);
    await clone.run('commit', '--quiet', '--all', '-m', change.message);
    this.pushedAt = this.world.clock.now();
    this.pushedCommit = await this.world.push();
  }

  private async awaitPipeline(): Promise<void> {
    const { started } = this.running();
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

  private async observeNewVersion(): Promise<void> {
    const { traffic } = this;
    if (traffic === undefined) throw new Error('traffic starts before the release');
    const before = traffic.summary().byTaskDefinition;
    await this.world.clock.delay(OBSERVATION_MS);
    this.pageAfter = await page(listenerOf(this.running().loadBalancers));
    await traffic.stop();
    const after = traffic.summary().byTaskDefinition;
    this.answersAfter = Object.fromEntries(
      Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
    );
  }

  private running(): RunningServices {
    const { services } = this.world;
    if (services === undefined) throw new Error('services are started before they are used');
    return services;
  }

  private deployments(services: RunningServices) {
    const { clusterArn, serviceName } = serviceOf(services);
    return services.ecs.deployments(clusterArn, serviceName).map(reportedDeployment);
  }
}

function serviceOf({ ecs }: Pick<RunningServices, 'ecs'>) {
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

function tagOf(image: string | undefined): string | undefined {
  return /:([^:/@]+)$/.exec(image ?? '')?.[1];
}
