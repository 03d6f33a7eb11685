import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { zipFiles } from '../archive/zip';
import { isoTime } from '../clock';
import type { Caller } from '../iam/authorizer';
import type { BuildDependencies, BuildRequest } from './build';
import { ArtifactError, findArtifacts } from './build-artifacts';
import { type BuildFacts, exportedVariables } from './build-environment';
import type { BuildPhase } from './build-events';
import { deniedImagePull } from './build-image-access';
import { barrierOfBuild, vpcFailure } from './build-network';
import { BuildLog } from './build-log';
import { type PreparedBuild, prepareBuild } from './build-preparation';
import type { BuildShell } from './build-shell';
import {
  type ArtifactsSpec,
  type Buildspec,
  BuildspecError,
  type BuildspecPhaseName,
} from './buildspec';
import { type CommandFailure, runCommands } from './command-list';
import type { BuildPhaseStatus, BuildPhaseType, OnFailure } from './phase-order';
import { type BuildReport, collectReport, ReportError } from './reports';
import { VariableError } from './variable-values';

export interface PhaseOutcome {
  readonly status: BuildPhaseStatus;
  readonly statusCode: string;
  readonly message: string;
}

const SUCCEEDED: PhaseOutcome = { status: 'SUCCEEDED', statusCode: '', message: '' };
const failed = (statusCode: string, message: string): PhaseOutcome => ({
  status: 'FAILED',
  statusCode,
  message,
});

/** One build: what happens in each of its phases. `runBuild` decides which phase is next. */
export class BuildRun {
  readonly artifacts: Record<string, string> = {};
  readonly reports: BuildReport[] = [];
  private readonly log: BuildLog;
  private readonly scratch: string;
  private readonly caller: Caller;
  private session: { env: Record<string, string>; close(): unknown } | undefined;
  private prepared: PreparedBuild | undefined;

  constructor(
    private readonly request: BuildRequest,
    private readonly deps: BuildDependencies,
    private readonly facts: BuildFacts,
    uuid: string,
  ) {
    const { project } = request;
    this.scratch = join(deps.runDirectory, 'codebuild', uuid);
    this.caller = request.caller ?? {
      kind: 'role',
      roleArn: project.serviceRoleArn,
      sessionName: `AWSCodeBuild-${uuid}`,
    };
    // A log that AWS would not keep goes by the name of the program.
    const group = project.logs.enabled ? project.logs.groupName : 'codebuild';
    this.log = new BuildLog(deps.events, deps.clock, group, facts.logStream);
  }

  async play(phase: BuildPhaseType, isSucceeding: boolean): Promise<PhaseOutcome> {
    switch (phase) {
      case 'PROVISIONING':
        return this.provision();
      case 'DOWNLOAD_SOURCE':
        return this.prepare();
      case 'INSTALL':
      case 'PRE_BUILD':
      case 'BUILD':
      case 'POST_BUILD':
        return this.runPhase(phase);
      case 'UPLOAD_ARTIFACTS':
        return this.uploadArtifacts();
      case 'FINALIZING':
        await this.prepared?.shell.end();
        await this.prepared?.cache.save(isSucceeding);
        return SUCCEEDED;
      default:
        return SUCCEEDED;
    }
  }

  /** Ends the command that runs; its phase then ends too. */
  stop(): void {
    void this.prepared?.shell.end();
  }

  onFailure(phase: BuildPhaseType): OnFailure | undefined {
    const value = this.buildspecPhase(phase)?.['on-failure'];
    return value === 'ABORT' || value === 'CONTINUE' ? value : undefined;
  }

  exportedVariables(): Record<string, string> {
    if (this.prepared === undefined) return {};
    const { buildspec, shell, variables } = this.prepared;
    return exportedVariables(buildspec.env['exported-variables'], shell.environment(), variables);
  }

  logPhase({ phaseType, phaseStatus, statusCode, message }: BuildPhase): void {
    // Before the container there is no agent to write, and after it none either.
    if (['SUBMITTED', 'QUEUED', 'PROVISIONING', 'FINALIZING'].includes(phaseType)) return;
    this.log.agent(`Phase complete: ${phaseType} State: ${phaseStatus}`);
    this.log.agent(`Phase context status code: ${statusCode} Message: ${message}`);
  }

  /** Ends what is left of the build and removes its files; may be called twice. */
  async dispose(): Promise<void> {
    await this.prepared?.shell.end();
    await this.prepared?.cache.save(false);
    await this.session?.close();
    this.session = undefined;
    await rm(this.scratch, { recursive: true, force: true, maxRetries: 3 });
  }

  private async provision(): Promise<PhaseOutcome> {
    const denied = this.deniedLogAccess();
    if (denied !== undefined) {
      return failed(
        'ACCESS_DENIED',
        `Service role ${this.request.project.serviceRoleArn} does not allow AWS CodeBuild to ` +
          `create Amazon CloudWatch Logs log streams for build ${this.facts.arn}. ` +
          `Error message: ${denied}`,
      );
    }
    const { authorizer } = this.deps;
    const outside = vpcFailure(this.request.project, this.caller, this.deps);
    if (outside !== undefined) return failed('VPC_CLIENT_ERROR', outside);
    const unpullable = authorizer && deniedImagePull(this.request.project, this.caller, authorizer);
    if (unpullable !== undefined) {
      return failed(
        'BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE',
        `Unable to pull customer's container image. ${unpullable}`,
      );
    }
    await mkdir(join(this.scratch, 'home'), { recursive: true });
    this.session = await this.openSession();
    return SUCCEEDED;
  }

  private openSession() {
    const { project } = this.request;
    const { network, openSession } = this.deps;
    if (project.vpc === undefined) return openSession(this.caller);
    this.unproven(
      `the builds of project '${project.name}' run in a VPC: its routes and rules are asked about calls of aws and docker; all other commands reached what this machine reaches`,
    );
    return openSession(this.caller, (service) => barrierOfBuild(project, service, network));
  }

  private deniedLogAccess(): string | undefined {
    const { authorizer, region, account } = this.deps;
    const { logs } = this.request.project;
    if (authorizer === undefined || !logs.enabled) return undefined;
    const resource = `arn:aws:logs:${region}:${account}:log-group:${logs.groupName}:log-stream:${this.facts.logStream}`;
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      const decision = authorizer.authorize({ caller: this.caller, action, resource });
      if (!decision.allowed) return decision.message;
    }
    return undefined;
  }

  private async prepare(): Promise<PhaseOutcome> {
    const { request, deps, facts, caller, log, scratch } = this;
    const programs = this.session?.env ?? {};
    try {
      this.prepared = await prepareBuild({ request, deps, facts, caller, log, scratch, programs });
      return SUCCEEDED;
    } catch (error) {
      if (error instanceof BuildspecError) return failed('YAML_FILE_ERROR', error.message);
      if (error instanceof VariableError) return failed(error.statusCode, error.message);
      throw error;
    }
  }

  private async runPhase(type: BuildPhaseType): Promise<PhaseOutcome> {
    const phase = this.buildspecPhase(type);
    const shell = this.prepared?.shell;
    if (phase === undefined || shell === undefined) return SUCCEEDED;
    this.log.agent(`Entering phase ${type}`);
    let failure = await this.runCommands(shell, phase.commands);
    failure = (await this.runCommands(shell, phase.finally)) ?? failure;
    if (failure === undefined) return SUCCEEDED;
    if (this.onFailure(type) === 'CONTINUE') {
      this.unproven(`a phase failed with on-failure CONTINUE: the build counts as FAILED here`);
    }
    return failed(
      'COMMAND_EXECUTION_ERROR',
      `Error while executing command: ${failure.command}. Reason: exit status ${failure.exitStatus}`,
    );
  }

  private async runCommands(
    shell: BuildShell,
    commands: readonly string[],
  ): Promise<CommandFailure | undefined> {
    const failure = await runCommands(commands, shell, this.log);
    if (failure !== undefined) await shell.export('CODEBUILD_BUILD_SUCCEEDING', '0');
    return failure;
  }

  private async uploadArtifacts(): Promise<PhaseOutcome> {
    try {
      await this.collectReports();
      for (const name of this.request.outputs) await this.uploadArtifact(name);
      return SUCCEEDED;
    } catch (error) {
      if (!(error instanceof ArtifactError) && !(error instanceof ReportError)) throw error;
      return failed('CLIENT_ERROR', error.message);
    }
  }

  private async collectReports(): Promise<void> {
    if (this.prepared === undefined) return;
    const { buildspec, shell, paths } = this.prepared;
    const { project } = this.request;
    for (const [group, spec] of Object.entries(buildspec.reports)) {
      const report = await collectReport(group, spec, {
        paths,
        environment: shell.environment(),
        projectArn: project.arn,
        projectName: project.name,
        caller: this.caller,
        authorizer: this.deps.authorizer,
        log: (line) => this.log.agent(line),
      });
      if (report.tests === undefined && report.coverage === undefined) {
        this.unproven(`the results of the report ${group} (${report.format}) could not be read`);
      }
      this.reports.push(report);
    }
  }

  private async uploadArtifact(name: string): Promise<void> {
    if (this.prepared === undefined) return;
    const { buildspec, shell, paths } = this.prepared;
    const spec = artifactSpec(buildspec, name);
    if (spec === undefined) {
      this.log.agent(`No artifacts are defined for ${name}`);
      return;
    }
    const log = (line: string) => this.log.agent(line);
    const files = await findArtifacts(spec, paths, shell.environment(), log);
    const archive = join(this.request.artifactDirectory, `${name}.zip`);
    await zipFiles(files, archive);
    this.artifacts[name] = archive;
  }

  private buildspecPhase(type: BuildPhaseType) {
    const name = type.toLowerCase() as BuildspecPhaseName;
    return this.prepared?.buildspec.phases[name];
  }

  private unproven(message: string): void {
    this.deps.events.emit({ kind: 'unproven', time: isoTime(this.deps.clock.now()), message });
  }
}

function artifactSpec({ artifacts }: Buildspec, name: string): ArtifactsSpec | undefined {
  if (name !== 'primary') return artifacts?.['secondary-artifacts'][name];
  return artifacts?.files === undefined ? undefined : { ...artifacts, files: artifacts.files };
}
