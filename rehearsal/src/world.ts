import { randomBytes } from 'node:crypto';
import { type Clock, isoTime } from './clock';
import type { DeployedStacks } from './cloudformation/deployed-stacks';
import { type PipelineSource, releasedSource } from './codepipeline/pipeline-source';
import type { AwsAccount } from './aws-account';
import type { CloudAssembly } from './cloudformation/cloud-assembly';
import type { ContainerEngine } from './containers/container-engine';
import { type EmptyAccount, type EmptyAccountOptions, openEmptyAccount } from './empty-account';
import { deployTemplates } from './deploy-templates';
import type { AccessLogRecord } from './elbv2/access-log';
import type { EventStream } from './events';
import type { Git } from './github/git';
import { COMMITTER_ENVIRONMENT } from './github/git';
import type { GitHub } from './github/github';
import { childEnvironment } from './process/child-environment';
import type { Project } from './project/project';
import { OutsideSecrets } from './project/outside-secrets';
import { prepareImages } from './project/prepare-images';
import { runScript } from './project/run-script';
import type { EmailOutbox } from './sns/email-outbox';
import { buildDependencies } from './build-dependencies';
import { RunningServices } from './running-services';
import { SourceHosts } from './source-hosts';
import { TimeLimits } from './time-limits';

/** What a world is made from. */
export interface WorldOptions extends EmptyAccountOptions {
  readonly parameters: Readonly<Record<string, string>>;
  /** Resource types and images to go on without */
  readonly allowUnplayed: readonly string[];
  /** Where the mails of the topics go */
  readonly outbox: EmailOutbox;
}

/**
 * An account on AWS, a repository on GitHub and a developer's machine with a clone: everything that
 * a scenario acts on. Each scenario gets a new one.
 */
export class World {
  private readonly stopping = new AbortController();
  private services_: RunningServices | undefined;
  private sources_: SourceHosts | undefined;
  private source_: PipelineSource | undefined;
  private deployed_: DeployedStacks | undefined;
  private githubToken = '';
  /** Of builds and of the action that waits for a deployment */
  readonly limits: TimeLimits;
  /** Told of every request that a load balancer has finished */
  onRequest: ((record: AccessLogRecord) => void) | undefined;

  private constructor(
    private readonly options: WorldOptions,
    private readonly empty: EmptyAccount,
    /** What ends each part, the oldest first */
    private readonly closing: (() => Promise<unknown>)[],
  ) {
    this.limits = new TimeLimits(options.clock);
  }

  /** Everything but what the templates describe. */
  static async open(options: WorldOptions): Promise<World> {
    const closing: (() => Promise<unknown>)[] = [];
    try {
      return new World(options, await openEmptyAccount(options, closing), closing);
    } catch (error) {
      await endAll(closing);
      throw error;
    }
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

  get account(): AwsAccount {
    return this.empty.account;
  }

  /** The developer's clone */
  get clone(): Git {
    return this.empty.clone;
  }

  get containers(): ContainerEngine {
    return this.empty.containers;
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
    return this.empty.firstCommit;
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
    const session = this.empty.gateway.openSession({
      caller: { kind: 'operator' },
      region,
      account,
    });
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
    const { account, containers, gateway } = this.empty;
    const { limits } = this;
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
      fetchesOutside: containers.findOutside !== undefined,
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
    await endAll(this.closing);
  }

  /** A sentence for the report. */
  private unproven(message: string): void {
    const { clock, events } = this.options;
    events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
  }

  private get sources(): SourceHosts {
    return present(this.sources_, 'the repository');
  }
}

async function endAll(closing: (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is used before it is there`);
  return value;
}
