import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Clock, isoTime } from '../clock';
import type { Caller } from '../iam/authorizer';
import { collectArtifacts } from './batch-artifacts';
import { type BuildState, batchStatus, hasFailed } from './batch-order';
import { type BatchBuild, projectOfBuild } from './batch-plan';
import { type BatchPlan, readBatchPlan } from './batch-reading';
import { type BuildDependencies, type BuildRequest, type BuildResult, runBuild } from './build';
import type { BuildStatus } from './phase-order';
import { runInOrder } from './run-in-order';

export interface BatchRequest extends Omit<
  BuildRequest,
  'sourceDirectory' | 'secondarySources' | 'buildspecOverride' | 'batchIdentifier'
> {
  /** A new copy of the sources for each build, which may change them */
  readonly unpackSources: () => Promise<Pick<BuildRequest, 'sourceDirectory' | 'secondarySources'>>;
  /** Names of the action's output artifacts */
  readonly outputs: readonly string[];
  /** Whether the only output has the primary artifacts of all builds */
  readonly combineArtifacts: boolean;
}

export interface BatchResult {
  /** `project:uuid` */
  readonly id: string;
  readonly arn: string;
  readonly status: BuildStatus;
  /** By identifier; builds that were never started have none */
  readonly builds: ReadonlyMap<string, BuildState>;
  /** Archives by output artifact; none when the batch failed */
  readonly artifacts: Readonly<Record<string, string>>;
  /** Why the batch did not succeed, in words of ours: AWS documents none */
  readonly failure?: string;
}

/**
 * Runs the builds that `batch` of the buildspec asks for. A failed batch is a result. Every build has
 * its own log and events; the batch as such has none on AWS either.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html
 * https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codebuild.html
 *
 * @throws RehearsalError for what CodeBuild could do and a rehearsal cannot
 */
export async function runBatch(
  request: BatchRequest,
  deps: BuildDependencies,
): Promise<BatchResult> {
  const { project } = request;
  const id = `${project.name}:${randomUUID()}`;
  const arn = `arn:aws:codebuild:${deps.region}:${deps.account}:build-batch/${id}`;
  const plan = await readBatchPlan(request, deps);
  if ('failure' in plan) {
    const failure = terminated('FAILED', plan.failure);
    return { id, arn, status: 'FAILED', builds: new Map(), artifacts: {}, failure };
  }
  const results = new Map<string, BuildResult>();
  const denials = new Map<string, string>();
  const deadline = startDeadline(project.batch?.timeoutMinutes, deps.clock);
  const builds = await runInOrder({
    ...plan,
    // CodeBuild queues what is beyond the account's quota; here it is the machine's.
    // https://docs.aws.amazon.com/codebuild/latest/userguide/builds-working.html
    mostAtOnce: Math.max(2, availableParallelism()),
    signal: AbortSignal.any([deps.signal, deadline.signal]),
    mayStop: () => deniedCall('codebuild:StopBuild', request, deps) === undefined,
    run: async (build, signal) => {
      const denied = deniedCall('codebuild:StartBuild', request, deps);
      if (denied !== undefined) {
        denials.set(build.identifier, denied);
        return 'FAILED';
      }
      const result = await startBuild(request, build, plan, { ...deps, signal });
      results.set(build.identifier, result);
      return result.status;
    },
  }).finally(() => deadline.end());
  const status = statusOf(plan, builds, deps.signal, deadline.signal);
  if (status === 'SUCCEEDED') {
    const artifacts = await collectArtifacts(request, plan, results, deps);
    return { id, arn, status, builds, artifacts };
  }
  const unstarted = unstartedBuilds(plan, builds);
  if (status === 'FAILED' && !plan.fastFail && unstarted.length > 0) {
    const message = `builds that depend on one that failed were not started (${unstarted.join(', ')}): AWS documents only that they wait until it is completed`;
    deps.events.emit({ kind: 'unproven', time: isoTime(deps.clock.now()), message });
  }
  const reasonOf = (name: string) => denials.get(name) ?? results.get(name)?.failure ?? 'unknown';
  const failure = terminated(status, whatFailed(plan, builds, reasonOf));
  return { id, arn, status, builds, artifacts: {}, failure };
}

function statusOf(
  { builds }: BatchPlan,
  states: BatchResult['builds'],
  stop: AbortSignal,
  deadline: AbortSignal,
): BuildStatus {
  if (stop.aborted) return 'STOPPED';
  return deadline.aborted ? 'TIMED_OUT' : batchStatus({ builds, states });
}

function terminated(status: BuildStatus, why: string): string {
  return `Batch build terminated with state: ${status}. ${why}`;
}

function whatFailed(
  plan: BatchPlan,
  states: BatchResult['builds'],
  reasonOf: (identifier: string) => string,
): string {
  const failed = plan.builds
    .filter((build) => hasFailed(build, states))
    .map(({ identifier }) => `${identifier}: ${reasonOf(identifier)}`);
  const unstarted = unstartedBuilds(plan, states);
  if (unstarted.length > 0) failed.push(`not started: ${unstarted.join(', ')}`);
  return failed.join('; ');
}

function unstartedBuilds({ builds }: BatchPlan, states: BatchResult['builds']): string[] {
  return builds.map(({ identifier }) => identifier).filter((name) => !states.has(name));
}

/** Aborts when the batch has taken too long. */
function startDeadline(minutes: number | undefined, clock: Clock) {
  const over = new AbortController();
  const deadline = new AbortController();
  if (minutes !== undefined) {
    void clock.delay(minutes * 60_000, over.signal).then(() => {
      if (!over.signal.aborted) deadline.abort();
    });
  }
  return { signal: deadline.signal, end: () => over.abort() };
}

/** CodeBuild starts and stops the builds of a batch as the batch role. */
function deniedCall(
  action: string,
  { project }: BatchRequest,
  { authorizer }: BuildDependencies,
): string | undefined {
  const roleArn = project.batch?.serviceRoleArn ?? '';
  const caller: Caller = { kind: 'role', roleArn, sessionName: 'AWSCodeBuild-batch' };
  const decision = authorizer?.authorize({ caller, action, resource: project.arn });
  return decision?.allowed === false ? decision.message : undefined;
}

async function startBuild(
  request: BatchRequest,
  build: BatchBuild,
  { wanted }: BatchPlan,
  deps: BuildDependencies,
): Promise<BuildResult> {
  const { identifier, buildspec, variables } = build;
  await mkdir(request.artifactDirectory, { recursive: true });
  const own = wanted.filter((artifact) => artifact.identifier === identifier);
  return runBuild(
    {
      ...request,
      ...(await request.unpackSources()),
      project: projectOfBuild(request.project, build),
      environmentOverrides: [
        ...request.environmentOverrides,
        ...Object.entries(variables).map(([name, value]) => ({
          name,
          type: 'PLAINTEXT' as const,
          value,
        })),
      ],
      batchIdentifier: identifier,
      artifactDirectory: await mkdtemp(join(request.artifactDirectory, 'build-')),
      outputs: request.combineArtifacts ? ['primary'] : own.map(({ artifact }) => artifact),
      ...(buildspec !== undefined && { buildspecOverride: buildspec }),
    },
    deps,
  );
}
