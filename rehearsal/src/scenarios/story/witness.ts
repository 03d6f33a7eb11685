import type { PipelineExecution } from '../../codepipeline/execution';
import type { DeploymentReport } from '../../report/report';
import type { World } from '../../world';
import { tagOf } from '../checks/checks';
import type { Facts } from '../checks/facts';
import type { TrafficFacts } from './observed-traffic';
import {
  actionCategories,
  type Before,
  hasPipelineRule,
  imagesPushedSince,
  mailRules,
  mailSince,
  parametersHolding,
  releaseAlarms,
  runningRevisions,
  seenBefore,
  serviceAlarms,
  serviceOf,
  tasksSince,
} from './observations';
import { reportedDeployment, reportedExecution } from './reported';

/** Sees what happens in a world from the moment it is made, and nothing from before. */
export class Witness {
  private readonly before: Before;
  private readonly pushedCommits: string[] = [];
  private readonly forgedDeliveries: number[] = [];
  private firstPushAt = Infinity;
  /** Of what the story is about: after everything in its world was made, and before its traffic */
  private begunAt: number;
  private parametersWithFirstTag: readonly string[] = [];

  constructor(private readonly world: World) {
    this.before = seenBefore(world);
    this.begunAt = world.clock.now();
  }

  /** What came until now is what the story finds, and no news. */
  begin(): void {
    this.begunAt = this.world.clock.now();
  }

  /** Notes which parameters record the version that runs now. */
  findRecords(): void {
    const { account, assembly } = this.world;
    const firstTag = tagOf(this.deployments()[0]?.image);
    this.parametersWithFirstTag = parametersHolding(account, assembly, firstTag);
  }

  /** Somebody is about to push. */
  pushBegins(): void {
    this.firstPushAt = Math.min(this.firstPushAt, this.world.clock.now());
  }

  /** @param commit that was pushed */
  pushed(commit: string): void {
    this.pushedCommits.push(commit);
  }

  /** Keeps what a delivery was answered with that did not come from GitHub. */
  recordForgedDelivery(status: number): void {
    this.forgedDeliveries.push(status);
  }

  /** Runs of the pipelines that began since, as promises of their end. */
  started(): readonly Promise<unknown>[] {
    return this.world.services?.started.slice(this.before.started) ?? [];
  }

  /** The executions that began since, oldest first. */
  executions(): readonly PipelineExecution[] {
    return (this.world.services?.pipelines ?? [])
      .flatMap(({ executions }) => executions)
      .filter(({ id }) => !this.before.ids.has(id));
  }

  /** The deployment that ran at the beginning, and those that began since; oldest first. */
  deployments(): DeploymentReport[] {
    const { services } = this.world;
    if (services === undefined) return [];
    const { clusterArn, serviceName } = serviceOf(services);
    const { ids, deploymentId } = this.before;
    return services.ecs
      .deployments(clusterArn, serviceName)
      .filter(({ id }) => id === deploymentId || !ids.has(id))
      .map(reportedDeployment);
  }

  /** Statuses that deliveries to webhooks were answered with. */
  deliveries(): number[] {
    const fromGitHub = this.world.services === undefined ? [] : this.world.github.deliveries;
    const since = fromGitHub.slice(this.before.deliveries);
    return [...since.map(({ responseStatus }) => responseStatus), ...this.forgedDeliveries];
  }

  /** @param traffic what was seen of it */
  facts(traffic: TrafficFacts): Facts {
    const { world } = this;
    const { account, services } = world;
    return {
      pushedCommits: this.pushedCommits,
      deliveries: this.deliveries(),
      executions: this.executions().map(reportedExecution),
      actionCategories: actionCategories(services?.pipelines ?? []),
      deployments: this.deployments(),
      desiredCount: services === undefined ? 0 : serviceOf(services).desiredCount,
      tasks: services === undefined ? [] : tasksSince(services.ecs, this.before.ids),
      runningTasks:
        services === undefined ? [] : runningRevisions(services.ecs, serviceOf(services)),
      pushedImages: imagesPushedSince(account, this.firstPushAt),
      recordedTags: Object.fromEntries(
        this.parametersWithFirstTag.map((name) => [
          name,
          account.parameters.find(name)?.value ?? '',
        ]),
      ),
      ...traffic,
      calls: account.access.uses(),
      mail: mailSince(world, this.before.mail, this.begunAt),
      releaseAlarms: releaseAlarms(world),
      mailRules: mailRules(world),
      serviceAlarms: serviceAlarms(world),
      hasPipelineRule: hasPipelineRule(world),
    };
  }
}
