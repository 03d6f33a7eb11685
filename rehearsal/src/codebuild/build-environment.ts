import type { Buildspec } from './buildspec';
import type { BuildVariable } from './project-definition';

/** What CODEBUILD_* variables tell a build about itself. */
export interface BuildFacts {
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly image: string;
  readonly initiator: string;
  readonly logStream: string;
  readonly resolvedSourceVersion: string | undefined;
  readonly sourceVersion: string | undefined;
  readonly sourceRepoUrl: string;
  readonly sourceDirectory: string;
  readonly batchIdentifier: string | undefined;
  readonly kmsKeyId: string;
  /** Milliseconds since the epoch */
  readonly startTime: number;
  readonly region: string;
}

/**
 * The variables of a build, the strongest definition of each name.
 * Override of the action > project > buildspec, whatever the types.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export function effectiveVariables(
  buildspec: Pick<Buildspec, 'env'>,
  project: readonly BuildVariable[],
  overrides: readonly BuildVariable[],
): BuildVariable[] {
  const ofType = (type: BuildVariable['type'], values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]): BuildVariable => ({ name, type, value }));
  const strongestLast = [
    ...ofType('PLAINTEXT', buildspec.env.variables),
    ...ofType('PARAMETER_STORE', buildspec.env['parameter-store']),
    ...ofType('SECRETS_MANAGER', buildspec.env['secrets-manager']),
    ...project,
    ...overrides,
  ];
  return [...new Map(strongestLast.map((variable) => [variable.name, variable])).values()];
}

/**
 * Variables that CodeBuild itself sets; they win over all others.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 */
export function codebuildVariables(facts: BuildFacts): Record<string, string> {
  return {
    AWS_REGION: facts.region,
    AWS_DEFAULT_REGION: facts.region,
    CODEBUILD_BUILD_ARN: facts.arn,
    CODEBUILD_BUILD_ID: facts.id,
    CODEBUILD_BUILD_IMAGE: facts.image,
    CODEBUILD_BUILD_NUMBER: String(facts.number),
    CODEBUILD_BUILD_SUCCEEDING: '1',
    CODEBUILD_INITIATOR: facts.initiator,
    CODEBUILD_KMS_KEY_ID: facts.kmsKeyId,
    CODEBUILD_LOG_PATH: facts.logStream,
    CODEBUILD_SOURCE_REPO_URL: facts.sourceRepoUrl,
    CODEBUILD_SRC_DIR: facts.sourceDirectory,
    CODEBUILD_START_TIME: String(facts.startTime),
    ...(facts.resolvedSourceVersion !== undefined && {
      CODEBUILD_RESOLVED_SOURCE_VERSION: facts.resolvedSourceVersion,
    }),
    ...(facts.sourceVersion !== undefined && { CODEBUILD_SOURCE_VERSION: facts.sourceVersion }),
    ...(facts.batchIdentifier !== undefined && {
      CODEBUILD_BATCH_BUILD_IDENTIFIER: facts.batchIdentifier,
    }),
    // Not documented, but set in real builds, and asked for by many programs.
    CODEBUILD_CI: 'true',
  };
}

/**
 * The exported variables that an action hands to later actions. Values that were looked up and
 * AWS_* names are never exported.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export function exportedVariables(
  names: readonly string[],
  environment: Readonly<Record<string, string>>,
  variables: readonly BuildVariable[],
): Record<string, string> {
  const lookedUp = new Set(
    variables.filter(({ type }) => type !== 'PLAINTEXT').map(({ name }) => name),
  );
  const exported: Record<string, string> = {};
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined && !lookedUp.has(name) && !name.startsWith('AWS_')) {
      exported[name] = value;
    }
  }
  return exported;
}
