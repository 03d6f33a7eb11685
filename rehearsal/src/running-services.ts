import { actionRunners } from './action-runners';
import type { AwsAccount } from './aws-account';
import { buildDependencies } from './build-dependencies';
import { type Clock, isoTime } from './clock';
import type { DeployedStacks } from './cloudformation/deployed-stacks';
import { ProjectBuilds } from './codebuild/project-builds';
import { readBuildProject } from './codebuild/project-definition';
import { Approvals } from './codepipeline/approvals';
import { approveAtOnce } from './codepipeline/approve-at-once';
import { ArtifactStore } from './codepipeline/artifact-store';
import { ChangeDetection } from './codepipeline/change-detection';
import { Pipeline } from './codepipeline/pipeline';
import { readPipeline } from './codepipeline/pipeline-definition';
import { unopenedPullRequests } from './codepipeline/pull-request-release';
import { startByRule } from './codepipeline/rule-target';
import { silentSources } from './codepipeline/silent-sources';
import { lostDeliveries, readWebhook } from './codepipeline/webhook-definition';
import { WebhookEndpoint } from './codepipeline/webhook-endpoint';
import type { ContainerEngine } from './containers/container-engine';
import { Network } from './ec2/network';
import { EcsControlPlane } from './ecs/ecs-control-plane';
import type { AccessLogRecord } from './elbv2/access-log';
import { LoadBalancers } from './elbv2/load-balancers';
import { readRule } from './eventbridge/rule-definition';
import type { TargetDelivery } from './eventbridge/target-delivery';
import type { EventStream } from './events';
import { Notifications } from './notifications';
import type { RunDirectory } from './run-directory';
import type { SourceHosts } from './source-hosts';
import type { EmailOutbox } from './sns/email-outbox';
import type { CommandGateway } from './standins/command-gateway';

/** What the services of the templates stand on. */
export interface Foundation {
  readonly account: AwsAccount;
  readonly clock: Clock;
  /** The clock of builds and of the action that waits for a deployment */
  readonly limits: Clock;
  readonly events: EventStream;
  readonly containers: ContainerEngine;
  readonly gateway: CommandGateway;
  readonly sources: SourceHosts;
  readonly run: RunDirectory;
  readonly outbox: EmailOutbox;
  /** Of the person; children get the part of it that `childEnvironment` lets through */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
}

/** The services that the deployed templates describe, running. */
export class RunningServices {
  private constructor(
    /** Executions that a push started; each ends with its execution, or with a defect of the engine */
    readonly started: readonly Promise<void>[],
    readonly loadBalancers: LoadBalancers,
    readonly ecs: EcsControlPlane,
    readonly pipelines: readonly Pipeline[],
    /** Manual approvals; each is given at once unless another `reviewer` is set */
    readonly approvals: Approvals,
    /** Sources that no webhook reports */
    readonly changes: ChangeDetection,
    /** Rules, alarms, topics and mail */
    readonly notifications: Notifications,
    /** Builds that rules start */
    readonly projectBuilds: ProjectBuilds,
    private readonly webhooks: WebhookEndpoint,
    /** What the templates lack where a change of a source starts nothing, a sentence each */
    readonly silentSources: () => readonly string[],
  ) {}

  /**
   * Reads every definition first, so that whatever cannot be played is said before anything runs.
   *
   * @param onRequest called for each request that a load balancer has finished
   */
  static async start(
    foundation: Foundation,
    resources: DeployedStacks,
    onRequest: (record: AccessLogRecord) => void,
  ): Promise<RunningServices> {
    const { account, clock, events, containers, sources } = foundation;
    const network = new Network(resources, { region: account.region, clock, events });
    const loadBalancers = await LoadBalancers.start(resources, {
      clock,
      events,
      onRequest: (record) => {
        notifications.recordRequest(record);
        onRequest(record);
      },
      network,
    });
    const ecs = new EcsControlPlane({
      clock,
      limits: foundation.limits,
      events,
      containers,
      images: account.images,
      targets: loadBalancers,
      network,
      alarms: {
        stateOf: (name) => notifications.stateOf(name),
        evaluate: () => notifications.alarms.evaluate(),
      },
      authorizer: account.access,
      secrets: {
        parameterValue: (name) => account.parameters.find(name)?.value,
        secretString: (secretId) =>
          account.secrets.find(secretId) && account.secrets.getValue(secretId).secretString,
      },
      account: account.id,
      region: account.region,
      resources,
    });
    const started: Promise<void>[] = [];
    const onStarted = (finished: Promise<void>) => {
      // Whoever awaits it hears of a defect; nobody else has to.
      finished.catch(() => undefined);
      started.push(finished);
    };
    const unproven = (message: string) =>
      events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
    const pipelines: Pipeline[] = [];
    const ruleTarget = { pipelines, authorizer: account.access, onStarted, onIgnored: unproven };
    const projectBuilds = new ProjectBuilds({
      projects: resources.ofType('AWS::CodeBuild::Project').map(readBuildProject),
      access: account.access,
      build: buildDependencies(foundation),
      sources,
      onUnproven: unproven,
    });
    const notifications = Notifications.start(resources, {
      clock,
      events,
      authorizer: account.access,
      outbox: foundation.outbox,
      services: () => ecs.describeServices(),
      connections: () => loadBalancers.connections(),
      measureTasks: () => ecs.measureTasks(),
      targets: new Map<string, TargetDelivery>([
        ['codepipeline', (invocation) => startByRule(invocation, ruleTarget)],
        ['codebuild', (invocation) => projectBuilds.start(invocation)],
      ]),
    });
    const approvals = new Approvals();
    approvals.reviewer = approveAtOnce(events, clock);
    const runners = actionRunners(foundation, resources, ecs, approvals, notifications, network);
    const keys = resources.ofType('AWS::KMS::Key').map(({ attributes }) => attributes.Arn ?? '');
    const artifacts = new ArtifactStore(
      foundation.run.directory('artifacts'),
      account.access,
      keys,
    );
    const pipelineServices = { clock, events, authorizer: account.access, artifacts, runners };
    for (const definition of resources.ofType('AWS::CodePipeline::Pipeline').map(readPipeline)) {
      pipelines.push(new Pipeline(definition, pipelineServices));
      unproven(
        `CodePipeline releases the newest commit as soon as the pipeline '${definition.name}' is created; only the scenario 'pipeline-created' plays that execution, the others begin with a push.`,
      );
    }
    for (const text of unopenedPullRequests(pipelines.map(({ definition }) => definition))) {
      unproven(text);
    }
    const definitions = resources.ofType('AWS::CodePipeline::Webhook').map(readWebhook);
    const webhooks = await WebhookEndpoint.start(definitions, pipelines, onStarted);
    for (const webhook of definitions) {
      sources.github.addWebhook(webhooks.registrationOf(webhook));
      const lost = lostDeliveries(webhook);
      if (lost !== undefined) unproven(lost);
    }
    const changes = new ChangeDetection(pipelines, sources, clock, onStarted);
    for (const service of resources.ofType('AWS::ECS::Service')) ecs.createService(service);
    return new RunningServices(
      started,
      loadBalancers,
      ecs,
      pipelines,
      approvals,
      changes,
      notifications,
      projectBuilds,
      webhooks,
      () => {
        const rules = resources.ofType('AWS::Events::Rule').map(readRule);
        return pipelines.flatMap(({ definition }) =>
          silentSources(definition, { rules, webhooks: definitions }),
        );
      },
    );
  }

  /** Ends everything at once; may be called twice. */
  async close(): Promise<void> {
    await this.changes.close();
    await Promise.all([...this.pipelines, this.projectBuilds].map((each) => each.close()));
    await this.webhooks.close();
    await this.ecs.close();
    await this.loadBalancers.close();
    this.notifications.close();
  }
}
