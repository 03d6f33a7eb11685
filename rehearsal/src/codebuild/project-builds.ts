import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime } from '../clock';
import { RehearsalError } from '../errors';
import type { TargetInvocation } from '../eventbridge/target-delivery';
import type { AccessControl } from '../iam/access-control';
import type { Caller } from '../iam/authorizer';
import type { DeliveryRefusal } from '../undelivered-message';
import { type BuildDependencies, runBuild } from './build';
import type { BuildStatus } from './phase-order';
import type { BuildProject } from './project-definition';
import { type SourceRepository, sourceRepository } from './project-source';
import { readStartBuildInput, type StartBuildInput } from './start-build-input';

/** A build that a rule started, from the project's own source. */
export interface ProjectBuild {
  readonly project: string;
  /** ARN */
  readonly rule: string;
  /** ISO 8601 */
  readonly startedAt: string;
  /** Null while it runs */
  readonly finishedAt: string | null;
  readonly status: BuildStatus | 'IN_PROGRESS';
  /** Why it did not succeed; empty when it did */
  readonly summary: string;
}

export interface ProjectBuildsDependencies {
  readonly projects: readonly BuildProject[];
  readonly access: Pick<AccessControl, 'authorize' | 'assumeRole'>;
  readonly build: Omit<BuildDependencies, 'signal'>;
  readonly sources: {
    /** ARN of a CodeCommit repository of the account */
    repositoryArn(name: string): string;
    /** Whether this machine has the repository */
    hosts(repository: SourceRepository): boolean;
    /**
     * @param version branch, tag or commit. @default the branch that people release
     * @returns the commit; undefined when there is no such version
     */
    checkout(directory: string, version: string | undefined): Promise<string | undefined>;
  };
  /** Called with a sentence about a build, or a part of one, that is not played */
  readonly onUnproven: (sentence: string) => void;
}

/** Builds that nobody's pipeline asks for: rules of EventBridge start them. */
export class ProjectBuilds {
  private readonly builds: ProjectBuild[] = [];
  private readonly running: Promise<void>[] = [];
  private readonly stopping = new AbortController();

  constructor(private readonly deps: ProjectBuildsDependencies) {}

  /** Oldest first */
  get all(): readonly ProjectBuild[] {
    return this.builds;
  }

  /**
   * A project as the target of a rule: a build starts, when the target's role may start it.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
   *
   * @returns why none started; undefined also for one that is named as not played
   */
  start({ arn, input, caller, ruleArn }: TargetInvocation): DeliveryRefusal | undefined {
    const { projects, access, onUnproven } = this.deps;
    const project = projects.find((one) => one.arn === arn);
    if (project === undefined) return { code: 'NO_RESOURCE', reason: 'there is no such project' };
    if (caller.kind !== 'role') {
      const reason = 'EventBridge starts builds with a role: give the target a RoleArn';
      return { code: 'INVALID_PARAMETER', reason };
    }
    const decision = access.authorize({ caller, action: 'codebuild:StartBuild', resource: arn });
    if (!decision.allowed) return { code: 'NO_PERMISSIONS', reason: decision.message };
    const request = readStartBuildInput(input);
    if ('code' in request) return request;
    if (project.source.type === 'CODEPIPELINE') {
      const reason = `the source of '${project.name}' is CODEPIPELINE: only a pipeline can build it`;
      return { code: 'INVALID_PARAMETER', reason };
    }
    const unplayed = this.unplayedPart(project, request);
    if (unplayed !== undefined) {
      onUnproven(
        `rule ${ruleArn} starts the project '${project.name}', which was not built: ${unplayed}`,
      );
      return undefined;
    }
    this.run(project, request, ruleArn);
    return undefined;
  }

  /** Resolves when the builds have ended that run now; rejects with a defect of the engine. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  /** Stops what runs; may be called twice. */
  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.running);
  }

  private unplayedPart(
    { source, artifacts }: BuildProject,
    { unplayed }: StartBuildInput,
  ): string | undefined {
    if (unplayed.length > 0) return `${unplayed.join(', ')} of StartBuild is not played`;
    if (!/^NO_ARTIFACTS$|^CODEPIPELINE$/.test(artifacts.type)) {
      return `artifacts of the type ${artifacts.type} are played for pipelines only`;
    }
    if (source.type === 'NO_SOURCE') return undefined;
    const repository = sourceRepository(source);
    return repository !== undefined && this.deps.sources.hosts(repository)
      ? undefined
      : `its source (${source.type} ${source.location ?? ''}) is not the repository of this rehearsal`;
  }

  private run(project: BuildProject, request: StartBuildInput, ruleArn: string): void {
    const { clock } = this.deps.build;
    const now = () => isoTime(clock.now());
    const begun: ProjectBuild = {
      ...{ project: project.name, rule: ruleArn, startedAt: now(), finishedAt: null },
      ...{ status: 'IN_PROGRESS', summary: '' },
    };
    const index = this.builds.push(begun) - 1;
    const end = ({ status, summary }: Pick<ProjectBuild, 'status' | 'summary'>) => {
      this.builds[index] = { ...begun, finishedAt: now(), status, summary };
    };
    const finished = this.build(project, request, ruleArn).then(end, (error: unknown) => {
      if (!(error instanceof RehearsalError)) throw error;
      end({ status: 'FAULT', summary: error.message });
      this.deps.onUnproven(`a build of '${project.name}' was not played: ${error.message}`);
    });
    // Whoever awaits `settled` hears of a defect; nobody else has to.
    finished.catch(() => undefined);
    this.running.push(finished);
  }

  private async build(
    project: BuildProject,
    { sourceVersion, buildspec, timeoutMinutes, variables }: StartBuildInput,
    ruleArn: string,
  ): Promise<Pick<ProjectBuild, 'status' | 'summary'>> {
    const { access, build } = this.deps;
    const { serviceRoleArn: roleArn, arn: sourceArn } = project;
    const codebuild: Caller = { kind: 'service', service: 'codebuild.amazonaws.com', sourceArn };
    const trust = access.assumeRole(roleArn, codebuild);
    if (!trust.allowed) return failed('QUEUED', trust.message);
    const caller: Caller = { kind: 'role', roleArn, sessionName: 'AWSCodeBuild' };
    const sourceDirectory = await mkdtemp(join(build.runDirectory, 'source-'));
    const version = sourceVersion ?? project.source.version;
    const source = await this.download(project, version, caller, sourceDirectory);
    if ('denied' in source) return failed('DOWNLOAD_SOURCE', source.denied);
    const result = await runBuild(
      {
        project: { ...project, ...(timeoutMinutes !== undefined && { timeoutMinutes }) },
        sourceDirectory,
        environmentOverrides: variables,
        // As builds show it that rules started; no page of AWS documents it.
        initiator: `rule/${ruleArn.split('/').at(-1) ?? ''}`,
        artifactDirectory: sourceDirectory,
        caller,
        outputs: [],
        ...(source.commit !== undefined && { resolvedSourceVersion: source.commit }),
        ...(version !== undefined && { sourceVersion: version }),
        ...(buildspec !== undefined && { buildspecOverride: buildspec }),
      },
      { ...build, signal: this.stopping.signal },
    );
    return { status: result.status, summary: result.failure ?? '' };
  }

  private async download(
    { source }: BuildProject,
    version: string | undefined,
    caller: Caller,
    directory: string,
  ): Promise<{ readonly commit: string | undefined } | { readonly denied: string }> {
    const { access, sources, onUnproven } = this.deps;
    const repository = sourceRepository(source);
    if (repository === undefined) return { commit: undefined };
    if (repository.provider === 'GitHub') {
      onUnproven(
        `whether CodeBuild has credentials for ${source.location ?? ''} is not shown: a build took its source from here`,
      );
    } else {
      const resource = sources.repositoryArn(repository.repository);
      const decision = access.authorize({ caller, action: 'codecommit:GitPull', resource });
      if (!decision.allowed) return { denied: decision.message };
    }
    const commit = await sources.checkout(directory, version);
    return commit === undefined
      ? { denied: `reference not found for primary source and source version ${version ?? ''}` }
      : { commit };
  }
}

function failed(phase: string, message: string): Pick<ProjectBuild, 'status' | 'summary'> {
  const summary = `Build terminated with state: FAILED. Phase: ${phase}, Code: CLIENT_ERROR, Message: ${message}`;
  return { status: 'FAILED', summary };
}
