import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { TaskReachability } from '../ec2/reachability-questions';
import type { EventStream } from '../events';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { ProcessLedger } from '../process/process-ledger';
import { type BuildPhase, phaseChangeEvent, stateChangeEvent } from './build-events';
import { BuildRun, type PhaseOutcome } from './build-run';
import { nextBuildNumber } from './build-number';
import type { CredentialedRepository } from './git-credentials';
import { type BuildPhaseType, type BuildStatus, buildStatus, nextPhase } from './phase-order';
import type { BuildProject, BuildVariable } from './project-definition';
import type { BuildReport } from './reports';
import type { VariableSources } from './variable-values';

export interface BuildRequest {
  readonly project: BuildProject;
  /** An unpacked copy of the source that the build may change: CODEBUILD_SRC_DIR */
  readonly sourceDirectory: string;
  /** Further inputs, by source identifier: CODEBUILD_SRC_DIR_<id> */
  readonly secondarySources?: Readonly<Record<string, string>>;
  /** Variables of the action; they win over project and buildspec */
  readonly environmentOverrides: readonly BuildVariable[];
  /** e.g. `codepipeline/<pipeline>` */
  readonly initiator: string;
  readonly resolvedSourceVersion?: string;
  readonly sourceVersion?: string;
  /** A path in the source, or the text itself */
  readonly buildspecOverride?: string;
  /** Where output archives are written */
  readonly artifactDirectory: string;
  /** As whom the build makes its calls. @default the project's service role */
  readonly caller?: Caller;
  /** Of a build that is part of a batch: CODEBUILD_BATCH_BUILD_IDENTIFIER */
  readonly batchIdentifier?: string;
  /** Wanted artifacts: `primary`, or identifiers of the buildspec's secondary artifacts */
  readonly outputs: readonly string[];
}

export interface BuildDependencies {
  readonly clock: Clock;
  readonly events: EventStream;
  readonly account: string;
  readonly region: string;
  /**
   * Stand-in programs that speak as the caller: PATH with them first, endpoint and token
   *
   * @param barrierTo what keeps the build from a service; undefined without a VPC
   */
  readonly openSession: (
    caller: Caller,
    barrierTo?: (service: string) => string | undefined,
  ) => Promise<{ env: Record<string, string>; close(): unknown }>;
  readonly variables: VariableSources;
  /** Checks the service role's calls for logs and cache; all are allowed without it */
  readonly authorizer?: Authorizer;
  /** For builds in a VPC; they reach everything without it */
  readonly network?: Pick<TaskReachability, 'barrierToAwsService'>;
  /** In CodeCommit; for builds that ask for the git-credential-helper */
  readonly repository?: CredentialedRepository;
  readonly ledger?: ProcessLedger;
  /** Goes when the run ends; builds make directories of their own in it */
  readonly runDirectory: string;
  /** Stays for the next run */
  readonly cacheDirectory: string;
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>;
  /** Stops the build */
  readonly signal: AbortSignal;
}

export interface BuildResult {
  /** `project:uuid` */
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly status: BuildStatus;
  /** In order, without COMPLETED */
  readonly phases: readonly BuildPhase[];
  readonly exportedVariables: Readonly<Record<string, string>>;
  /**
   * Archive of each wanted artifact. One is missing when the build failed, or when the buildspec
   * has no `artifacts`: then CodeBuild uploads nothing, and the action that reads it fails.
   */
  readonly artifacts: Readonly<Record<string, string>>;
  /** In the order of the buildspec; those after one that could not be made are missing */
  readonly reports: readonly BuildReport[];
  /** What CodePipeline shows for a build that did not succeed */
  readonly failure?: string;
}

const STOPS: Readonly<Record<'STOPPED' | 'TIMED_OUT', PhaseOutcome>> = {
  STOPPED: { status: 'STOPPED', statusCode: '', message: 'Build was stopped' },
  TIMED_OUT: {
    status: 'TIMED_OUT',
    statusCode: 'BUILD_TIMED_OUT',
    message: 'Build has timed out.',
  },
};

/**
 * Runs a build of a project from SUBMITTED to COMPLETED. A red build is a result.
 *
 * @throws RehearsalError for what CodeBuild could do and a rehearsal cannot
 */
export async function runBuild(
  request: BuildRequest,
  deps: BuildDependencies,
): Promise<BuildResult> {
  const { project } = request;
  const { clock, events } = deps;
  const uuid = randomUUID();
  const id = `${project.name}:${uuid}`;
  const prefix = project.logs.streamPrefix;
  const facts = {
    id,
    arn: `arn:aws:codebuild:${deps.region}:${deps.account}:build/${id}`,
    number: nextBuildNumber(deps.runDirectory, project.name),
    image: project.environment.image,
    initiator: request.initiator,
    logStream: prefix === undefined ? uuid : `${prefix}/${uuid}`,
    resolvedSourceVersion: request.resolvedSourceVersion,
    sourceVersion: request.sourceVersion,
    sourceRepoUrl: project.source.location ?? '',
    sourceDirectory: request.sourceDirectory,
    batchIdentifier: request.batchIdentifier,
    kmsKeyId: project.encryptionKey,
    startTime: clock.now(),
    region: deps.region,
  };
  const summary = { project, facts, account: deps.account };
  const run = new BuildRun(request, deps, facts, uuid);
  const stop = watchForStop(project, deps, () => run.stop());
  const phases: BuildPhase[] = [];
  events.emit(stateChangeEvent(summary, 'IN_PROGRESS', phases, clock.now()));
  try {
    let type: BuildPhaseType = 'SUBMITTED';
    while (type !== 'COMPLETED') {
      const startTime = clock.now();
      const played = await run.play(type, buildStatus(phases) === 'SUCCEEDED');
      // Clearing up is done to the end, whoever stopped the build.
      const stopped = type === 'FINALIZING' ? undefined : stop.reason();
      const { status, ...context } = stopped === undefined ? played : STOPS[stopped];
      const phase = {
        phaseType: type,
        phaseStatus: status,
        startTime,
        endTime: clock.now(),
        ...context,
      };
      phases.push(phase);
      run.logPhase(phase);
      events.emit(phaseChangeEvent(summary, phase, phases));
      type = nextPhase(type, status, run.onFailure(type));
    }
  } finally {
    stop.end();
    await run.dispose();
  }
  const status = buildStatus(phases);
  events.emit(stateChangeEvent(summary, status, phases, clock.now()));
  const failed = phases.find(({ phaseStatus }) => phaseStatus === status && status !== 'SUCCEEDED');
  return {
    id,
    arn: facts.arn,
    number: facts.number,
    status,
    phases,
    exportedVariables: run.exportedVariables(),
    artifacts: status === 'SUCCEEDED' ? run.artifacts : {},
    reports: run.reports,
    ...(failed !== undefined && { failure: failureText(status, failed) }),
  };
}

/** As CodePipeline words it in the action's summary. */
function failureText(status: BuildStatus, phase: BuildPhase): string {
  return `Build terminated with state: ${status}. Phase: ${phase.phaseType}, Code: ${phase.statusCode}, Message: ${phase.message}`;
}

/** Stops the build at its timeout or when the caller says so, whichever comes first. */
function watchForStop(project: BuildProject, deps: BuildDependencies, stopBuild: () => void) {
  const over = new AbortController();
  let reason: 'STOPPED' | 'TIMED_OUT' | undefined;
  const stop = (why: 'STOPPED' | 'TIMED_OUT') => {
    if (reason !== undefined || over.signal.aborted) return;
    reason = why;
    stopBuild();
  };
  const onAbort = () => stop('STOPPED');
  if (deps.signal.aborted) onAbort();
  deps.signal.addEventListener('abort', onAbort, { once: true });
  void deps.clock.delay(project.timeoutMinutes * 60_000, over.signal).then(() => stop('TIMED_OUT'));
  return {
    reason: () => reason,
    end: () => {
      over.abort();
      deps.signal.removeEventListener('abort', onAbort);
    },
  };
}
