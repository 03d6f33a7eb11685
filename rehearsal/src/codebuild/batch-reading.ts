import { isoTime } from '../clock';
import { type WantedArtifact, wantedArtifacts } from './batch-artifacts';
import type { BatchRequest } from './batch';
import {
  type BatchBuild,
  batchBuilds,
  brokenRestriction,
  leavesBuildsUnnamed,
  projectOfBuild,
} from './batch-plan';
import type { BuildDependencies } from './build';
import { type Batchspec, BuildspecError, parseBatchspec } from './buildspec';
import { readBuildspec } from './buildspec-file';

/** What a batch is going to do. */
export interface BatchPlan {
  readonly builds: readonly BatchBuild[];
  readonly fastFail: boolean;
  /** Of the action's outputs those that are an artifact of one build */
  readonly wanted: readonly WantedArtifact[];
}

/**
 * DOWNLOAD_BATCHSPEC: reads the batch in a copy of the source.
 *
 * @throws RehearsalError for what is not played
 */
export async function readBatchPlan(
  request: BatchRequest,
  deps: BuildDependencies,
): Promise<BatchPlan | { readonly failure: string }> {
  const { project, outputs, combineArtifacts } = request;
  if (project.batch?.serviceRoleArn === undefined) {
    return {
      failure: `The project ${project.name} has no role that may start the builds of a batch. Give it a BuildBatchConfig with a ServiceRole; in the CDK: project.enableBatchBuilds()`,
    };
  }
  const { sourceDirectory } = await request.unpackSources();
  let batchspec: Batchspec;
  try {
    batchspec = parseBatchspec(await readBuildspec({ project, sourceDirectory }, () => undefined));
  } catch (error) {
    if (!(error instanceof BuildspecError)) throw error;
    return refused('YAML_FILE_ERROR', error.message);
  }
  const { batch } = batchspec;
  const builds = batchBuilds(batch);
  // Refused before anything runs, not when it is a build's turn.
  for (const build of builds) projectOfBuild(project, build);
  const broken = brokenRestriction(builds, project);
  if (broken !== undefined) return refused('CLIENT_ERROR', broken);
  const identifiers = builds.map(({ identifier }) => identifier);
  const wanted = combineArtifacts ? [] : wantedArtifacts(outputs, identifiers);
  for (const message of doubts(request, batchspec, builds, wanted)) {
    deps.events.emit({ kind: 'unproven', time: isoTime(deps.clock.now()), message });
  }
  return { builds, fastFail: batch['fast-fail'], wanted };
}

function refused(code: string, message: string) {
  return { failure: `Phase: DOWNLOAD_BATCHSPEC, Code: ${code}, Message: ${message}` };
}

/** Where AWS may do otherwise, or a person may not have meant it. */
function doubts(
  { outputs, combineArtifacts, environmentOverrides }: BatchRequest,
  { batch, versionIsText }: Batchspec,
  builds: readonly BatchBuild[],
  wanted: readonly WantedArtifact[],
): string[] {
  const names = builds.map(({ identifier }) => identifier).join(', ');
  const unmade = outputs.filter((name) => !wanted.some(({ output }) => output === name));
  const inBoth = environmentOverrides.filter(({ name }) =>
    builds.some(({ variables }) => variables[name] !== undefined),
  );
  return [
    // https://github.com/aws/aws-cdk/issues/29592
    ...(versionIsText
      ? [
          'the version of the buildspec is text; people have seen batch builds fail with such a one (cannot unmarshal !!str `0.2` into float64), and succeed with a buildspec in the repository that has it as a number',
        ]
      : []),
    ...(leavesBuildsUnnamed(batch)
      ? [
          `AWS does not document how CodeBuild names builds of a batch that the buildspec does not name; here they were ${names}`,
        ]
      : []),
    ...(combineArtifacts ? [] : unmade).map(
      (name) =>
        `the output artifact ${name} is not made: without CombineArtifacts it has to be named after a build of the batch (${names})`,
    ),
    ...inBoth.map(
      ({ name }) =>
        `the variable ${name} is in the action and in the batch; AWS does not document which of them wins, here it was the batch`,
    ),
  ];
}
