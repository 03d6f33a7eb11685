import type { BatchBuild } from './batch-plan';
import type { BuildStatus } from './phase-order';

export type BuildState = BuildStatus | 'IN_PROGRESS';

type OrderedBuild = Pick<BatchBuild, 'identifier' | 'dependsOn' | 'ignoreFailure'>;

export interface BatchProgress<Build extends OrderedBuild = OrderedBuild> {
  readonly builds: readonly Build[];
  /** By identifier; builds that have not started have none */
  readonly states: ReadonlyMap<string, BuildState>;
  readonly fastFail: boolean;
  /** How many builds may run at once; CodeBuild queues what is beyond the account's quota */
  readonly mostAtOnce: number;
}

/**
 * What a batch does next: which builds it starts and which it stops. When both are empty and nothing
 * runs, the batch is over.
 *
 * AWS says that a build waits until those it depends on "are completed"; here one whose failure
 * counts is not followed by any.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
 */
export function nextBuilds<Build extends OrderedBuild>(
  progress: BatchProgress<Build>,
): { readonly start: Build[]; readonly stop: Build[] } {
  const { builds, states, fastFail, mostAtOnce } = progress;
  const running = builds.filter(({ identifier }) => states.get(identifier) === 'IN_PROGRESS');
  if (fastFail && builds.some((build) => hasFailed(build, states))) {
    return { start: [], stop: running };
  }
  const byIdentifier = new Map(builds.map((build) => [build.identifier, build]));
  const isDone = (identifier: string) => {
    const state = states.get(identifier);
    if (state === undefined || state === 'IN_PROGRESS') return false;
    return state === 'SUCCEEDED' || byIdentifier.get(identifier)?.ignoreFailure === true;
  };
  const ready = builds.filter(
    ({ identifier, dependsOn }) => !states.has(identifier) && dependsOn.every(isDone),
  );
  return { start: ready.slice(0, Math.max(0, mostAtOnce - running.length)), stop: [] };
}

/** What a batch came to that was neither stopped nor timed out. */
export function batchStatus({
  builds,
  states,
}: Pick<BatchProgress, 'builds' | 'states'>): 'SUCCEEDED' | 'FAILED' {
  return builds.some((build) => hasFailed(build, states)) ? 'FAILED' : 'SUCCEEDED';
}

/** Whether a build has ended badly in a way that counts. */
export function hasFailed(
  { identifier, ignoreFailure }: OrderedBuild,
  states: ReadonlyMap<string, BuildState>,
): boolean {
  const state = states.get(identifier);
  if (state === undefined || state === 'IN_PROGRESS' || state === 'SUCCEEDED') return false;
  return !ignoreFailure;
}
