import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type AwsAccount, createAwsAccount } from './aws-account';
import { type Clock, isoTime } from './clock';
import type { CloudAssembly } from './cloudformation/cloud-assembly';
import type { DeployedStacks } from './cloudformation/deployed-stacks';
import { type PipelineSource, releasedSource } from './codepipeline/pipeline-source';
import type { EngineChoice } from './containers/choose-engine';
import type { ContainerEngine } from './containers/container-engine';
import { startEngine } from './containers/start-engine';
import { deployTemplates } from './deploy-templates';
import { RegistryServer } from './ecr/registry-server';
import type { AccessLogRecord } from './elbv2/access-log';
import type { EventStream } from './events';
import { COMMITTER_ENVIRONMENT, Git } from './github/git';
import type { GitHub } from './github/github';
import { childEnvironment } from './process/child-environment';
import { cloneProject } from './project/clone-project';
import type { Project } from './project/project';
import { OutsideSecrets } from './project/outside-secrets';
import { placeOf } from './project/place';
import { prepareImages } from './project/prepare-images';
import { runScript } from './project/run-script';
import type { RunDirectory } from './run-directory';
import type { EmailOutbox } from './sns/email-outbox';
import { buildDependencies, RunningServices } from './running-services';
import { SourceHosts } from './source-hosts';
import { createAwsStandin } from './standins/aws/aws-standin';
import { CommandGateway } from './standins/command-gateway';
import { TimeLimits } from './time-limits';

/** What a world is made from. */
export interface WorldOptions {
  readonly project: Project;
  readonly assembly: CloudAssembly;
  readonly parameters: Readonly<Record<string, string>>;
  /** Resource types and images to go on without */
  readonly allowUnplayed: readonly string[];
  readonly engine: EngineChoice;
  readonly clock: Clock;
  readonly events: EventStream;
  readonly run: RunDirectory;
  /** Where the mails of the topics go */
  readonly outbox: EmailOutbox;
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
}

/**
 * An account on AWS, a repository on GitHub and a developer's machine with a clone: everything that
 * a scenario acts on. Each scenario gets a new one.
 */
export class World {
  private readonly closing: (() => Promise<unknown>)[] = [];
  private readonly stopping = new AbortController();
  private containers_: ContainerEngine | undefined;
  private gateway_: CommandGateway | undefined;
  private services_: RunningServices | undefined;
  private sources_: SourceHosts | undefined;
  private source_: PipelineSource | undefined;
  private deployed_: DeployedStacks | undefined;
  private githubToken = '';
  private firstCommit_: string | undefined;
  /** Of builds and of the action that waits for a deployment */
  readonly limits: TimeLimits;
  /** Told of every request that a load balancer has finished */
  onRequest: ((record: AccessLogRecord) => void) | undefined;

  private constructor(
    private readonly options: WorldOptions,
    readonly account: AwsAccount,
    /** The developer's clone */
    readonly clone: Git,
    private readonly registry: RegistryServer,
  ) {
    this.limits = new TimeLimits(options.clock);
  }

  /** Everything but what the templates describe. */
  static async open(options: WorldOptions): Promise<World> {
    const { clock, events, run, assembly } = options;
    const account = createAwsAccount(placeOf(assembly), clock, events);
    const registry = await RegistryServer.start({
      images: account.images,
      tokens: account.tokens,
      authorizer: account.access,
      directory: run.directory('registry'),
    });
    const home = run.directory('developer');
    const environment = childEnvironment(options.hostEnvironment, home, COMMITTER_ENVIRONMENT);
    const clone = new Git(join(home, 'clone'), environment);
    const world = new World(options, account, clone, registry);
    world.closing.push(() => registry.close());
    try {
      world.firstCommit_ = await cloneProject(options.project.directory, clone);
      await world.startEngine();
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  get events(): EventStream {
    return this.options.events;
  }

  get project(): Project {
    return this.options.project;
  }

  /** Values for the parameters of templates, by name */
  get parameters(): Readonly<Record<string, string>> {
    return this.options.parameters;
  }

  get assembly(): CloudAssembly {
    return this.options.assembly;
  }

  get containers(): ContainerEngine {
    return present(this.containers_, 'the container engine');
  }

  /** Undefined before `deploy`. */
  get deployed(): DeployedStacks | undefined {
    return this.deployed_;
  }

  /** Undefined before `start`. */
  get services(): RunningServices | undefined {
    return this.services_;
  }

  /** Of the project, before any scenario changed it. */
  get firstCommit(): string {
    return present(this.firstCommit_, 'the first commit');
  }

  get source(): PipelineSource {
    return present(this.source_, 'the repository');
  }

  get github(): GitHub {
    return this.sources.github;
  }

  /**
   * Runs a shell script of the project as its operator would, in the clone unless told otherwise.
   *
   * @throws RehearsalError `ScriptFailed`
   */
  async runScript(name: string, cwd = this.clone.directory): Promise<void> {
    const { clock, events, run, hostEnvironment } = this.options;
    const { region, id: account } = this.account;
    const session = this.gateway.openSession({ caller: { kind: 'operator' }, region, account });
    try {
      const extra = { ...session.env, AWS_REGION: region };
      await runScript({
        name,
        cwd,
        env: childEnvironment(hostEnvironment, run.directory('developer'), extra),
        clock,
        events,
        ledger: run.ledger,
        signal: this.stopping.signal,
      });
    } finally {
      session.close();
    }
  }

  /** `cdk deploy --all` on paper, with the secrets that the guide has people create before. */
  deploy(): DeployedStacks {
    const token = `ghp_${randomBytes(18).toString('hex')}`;
    const { parameters } = this.options;
    for (const [name, value] of Object.entries(parameters)) {
      if (name.startsWith('/'))
        this.account.parameters.put({ name, value, type: 'String', overwrite: true });
    }
    const secrets = new OutsideSecrets(this.account.secrets, token, (text) => this.unproven(text));
    this.deployed_ = deployTemplates(this.assembly, this.account, parameters, secrets);
    this.githubToken = token;
    return this.deployed_;
  }

  /**
   * Puts the commit of the clone where the source is and starts what the templates describe.
   *
   * @throws RehearsalError `PipelineMissing` when no template has a pipeline with such a source
   */
  async start(): Promise<RunningServices> {
    const { clock, events, run, hostEnvironment } = this.options;
    const deployed = present(this.deployed_, 'the stacks');
    const source = releasedSource(deployed, this.assembly.directory);
    this.source_ = source;
    const { account, containers, gateway, limits } = this;
    const directory = run.directory('github');
    const sources = await SourceHosts.start(source, {
      directory,
      gitEnvironment: childEnvironment(hostEnvironment, directory, COMMITTER_ENVIRONMENT),
      token: this.githubToken,
      account: account.id,
      region: account.region,
      clock,
      events,
      resources: deployed,
    });
    this.sources_ = sources;
    this.closing.push(() => sources.close());
    await this.clone.run('remote', 'set-url', 'origin', sources.remote);
    await this.push();
    const foundation = {
      account,
      clock,
      limits,
      events,
      containers,
      gateway,
      sources,
      run,
      outbox: this.options.outbox,
      hostEnvironment,
    };
    const ready = await prepareImages({
      deployed,
      account,
      assembly: this.assembly,
      clone: this.clone,
      run,
      build: { ...buildDependencies(foundation), signal: this.stopping.signal },
      allowUnplayed: this.options.allowUnplayed,
      runScript: (name, directory) => this.runScript(name, directory),
      unproven: (message) => this.unproven(message),
    });
    this.deployed_ = ready;
    const services = await RunningServices.start(foundation, ready, (record) =>
      this.onRequest?.(record),
    );
    this.services_ = services;
    this.closing.push(() => services.close());
    return services;
  }

  /**
   * `git push` of the clone's commit; see `SourceHosts.push`.
   *
   * @param branch the one that the pipeline releases unless given
   * @returns the commit's id, or the version of an object in a bucket
   */
  async push(branch = this.source.branch): Promise<string> {
    const revision = await this.sources.push(this.clone, branch);
    // A source that polls finds the commit when it looks the next time.
    await this.services_?.changes.settled();
    return revision;
  }

  /** Something to end before all that is there already. */
  onClose(end: () => Promise<unknown>): void {
    this.closing.push(end);
  }

  /** Ends everything, the newest first; may be called twice. */
  async close(): Promise<void> {
    this.stopping.abort();
    for (const close of this.closing.splice(0).reverse()) await close();
  }

  /** A sentence for the report. */
  private unproven(message: string): void {
    const { clock, events } = this.options;
    events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
  }

  private get sources(): SourceHosts {
    return present(this.sources_, 'the repository');
  }

  private get gateway(): CommandGateway {
    return present(this.gateway_, 'the stand-ins');
  }

  private async startEngine(): Promise<void> {
    const { account, registry } = this;
    const { clock, events, run, engine, hostEnvironment } = this.options;
    const containers = await startEngine({
      choice: engine,
      account,
      registryEndpoint: registry.host,
      run,
      hostEnvironment,
      clock,
      events,
    });
    this.containers_ = containers;
    this.closing.push(() => containers.close());
    const gateway = await CommandGateway.start({
      programs: {
        aws: createAwsStandin({ ...account, authorizer: account.access, clock, events }),
        docker: containers.docker,
      },
      scratchDirectory: run.directory('standins'),
    });
    this.gateway_ = gateway;
    this.closing.push(() => gateway.close());
  }
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is used before it is there`);
  return value;
}
