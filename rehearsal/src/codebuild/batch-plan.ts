import { RehearsalError } from '../errors';
import type { BatchSpec } from './batch-schema';
import { type BuildProject, LINUX_TYPES } from './project-definition';

/** A build that is part of a batch. */
export interface BatchBuild {
  readonly identifier: string;
  /** A path in the source; undefined means the buildspec that defines the batch */
  readonly buildspec: string | undefined;
  /** What differs from the project's environment */
  readonly environment: {
    readonly type: string | undefined;
    readonly computeType: string | undefined;
    readonly image: string | undefined;
    readonly privilegedMode: boolean | undefined;
  };
  readonly variables: Readonly<Record<string, string>>;
  /** Identifiers of builds of the same batch */
  readonly dependsOn: readonly string[];
  /** Whether the batch can succeed without it */
  readonly ignoreFailure: boolean;
}

type Matrix = NonNullable<BatchSpec['build-matrix']>;
type Settings = Matrix['static'];

/** A real batch stays far below; a matrix of a few variables may ask for millions. */
const MOST_BUILDS = 1000;

/**
 * The builds of a batch, in the order of the buildspec. Builds of a matrix, and those of a list that
 * have no name, get one: AWS does not say which, here they are counted from `build0`.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
 *
 * @throws RehearsalError `BuildspecNotPlayed` for a fan-out, for fleets, and for masses of builds
 */
export function batchBuilds(batch: BatchSpec): BatchBuild[] {
  if (batch['build-fanout'] !== undefined) {
    throw notPlayed(
      "uses 'batch.build-fanout', whose builds share tests with codebuild-tests-run",
      'write a build-list or a build-matrix',
    );
  }
  const matrix = batch['build-matrix'];
  if (matrix !== undefined) return matrixBuilds(matrix);
  const { 'build-graph': graph, 'build-list': list = [] } = batch;
  checkCount((graph ?? list).length);
  if (graph !== undefined) {
    return graph.map((task) => ({ ...toBuild(task, task), dependsOn: task['depend-on'] }));
  }
  const named = new Set(list.map(({ identifier }) => identifier));
  return list.map((task, index) => {
    let identifier = task.identifier ?? `build${index}`;
    while (task.identifier === undefined && named.has(identifier)) identifier += '_';
    return toBuild(task, { identifier, buildspec: task.buildspec });
  });
}

/** Whether the buildspec leaves it to CodeBuild to name builds. */
export function leavesBuildsUnnamed(batch: BatchSpec): boolean {
  const isUnnamed = ({ identifier }: { identifier?: string | undefined }) =>
    identifier === undefined;
  return batch['build-matrix'] !== undefined || batch['build-list']?.some(isUnnamed) === true;
}

interface Choice {
  readonly buildspec?: string;
  readonly computeType?: string;
  readonly image?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Each buildspec with each compute type, image and value of each variable. */
function matrixBuilds({ static: common, dynamic }: Matrix): BatchBuild[] {
  const { env } = dynamic;
  const axes: readonly (readonly Choice[])[] = [
    dynamic.buildspec.map((buildspec) => ({ buildspec })),
    env['compute-type'].map((computeType) => ({ computeType })),
    env.image.map((image) => ({ image })),
    ...Object.entries(env.variables).map(([name, values]) =>
      values.map((value) => ({ variables: { [name]: value } })),
    ),
  ].filter((axis) => axis.length > 0);
  checkCount(axes.reduce((product, axis) => product * axis.length, 1));
  let choices: Choice[] = [{}];
  for (const axis of axes) {
    choices = choices.flatMap((before) =>
      axis.map((choice) => ({
        ...before,
        ...choice,
        variables: { ...before.variables, ...choice.variables },
      })),
    );
  }
  const all = toBuild(common, { identifier: '' });
  return choices.map(({ buildspec, computeType, image, variables }, index) => ({
    ...all,
    identifier: `build${index}`,
    buildspec,
    environment: {
      ...all.environment,
      computeType: computeType ?? all.environment.computeType,
      image: image ?? all.environment.image,
    },
    variables: { ...all.variables, ...variables },
  }));
}

function toBuild(
  { env, 'ignore-failure': ignoreFailure }: Settings,
  { identifier, buildspec }: { identifier: string; buildspec?: string | undefined },
): BatchBuild {
  if (env.fleet !== undefined) {
    throw notPlayed(`asks for the fleet '${env.fleet}' in 'batch'`, 'leave it out');
  }
  return {
    identifier,
    buildspec,
    environment: {
      type: env.type,
      computeType: env['compute-type'],
      image: env.image,
      privilegedMode: env['privileged-mode'],
    },
    variables: env.variables,
    dependsOn: [],
    ignoreFailure,
  };
}

/**
 * The project as a build of the batch has it.
 *
 * @throws RehearsalError `BuildspecNotPlayed` for environments other than Linux containers
 */
export function projectOfBuild(
  project: BuildProject,
  { identifier, environment }: Pick<BatchBuild, 'identifier' | 'environment'>,
): BuildProject {
  const { type = project.environment.type } = environment;
  if (!LINUX_TYPES.some((linux) => linux === type)) {
    throw notPlayed(
      `runs the build '${identifier}' of 'batch' in the environment '${type}'`,
      `played are ${LINUX_TYPES.join(', ')}`,
    );
  }
  const { computeType, image, privilegedMode } = environment;
  return {
    ...project,
    environment: {
      ...project.environment,
      type,
      computeType: computeType ?? project.environment.computeType,
      image: image ?? project.environment.image,
      privilegedMode: privilegedMode ?? project.environment.privilegedMode,
    },
  };
}

/**
 * What the project does not allow a batch.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchRestrictions.html
 */
export function brokenRestriction(
  builds: readonly BatchBuild[],
  { environment, batch }: Pick<BuildProject, 'environment' | 'batch'>,
): string | undefined {
  const { maximumBuilds, computeTypes } = batch?.restrictions ?? {};
  if (maximumBuilds !== undefined && builds.length > maximumBuilds) {
    return `the batch has ${builds.length} builds, and the project allows ${maximumBuilds} (MaximumBuildsAllowed)`;
  }
  if (computeTypes === undefined) return undefined;
  for (const build of builds) {
    const computeType = build.environment.computeType ?? environment.computeType;
    if (!computeTypes.includes(computeType)) {
      return `the build '${build.identifier}' has the compute type ${computeType}, and the project allows ${computeTypes.join(', ')} (ComputeTypesAllowed)`;
    }
  }
  return undefined;
}

function checkCount(builds: number): void {
  if (builds <= MOST_BUILDS) return;
  throw notPlayed(`asks for ${builds} builds in 'batch'`, `up to ${MOST_BUILDS} are played`);
}

function notPlayed(what: string, instead: string): RehearsalError {
  return new RehearsalError(
    'BuildspecNotPlayed',
    `the buildspec ${what}, which CodeBuild knows and a rehearsal does not play; ${instead}`,
  );
}
