import { z } from 'zod';
import { type BatchResult, runBatch } from '../../codebuild/batch';
import {
  type BuildDependencies,
  type BuildRequest,
  type BuildResult,
  runBuild,
} from '../../codebuild/build';
import type { BuildProject, BuildVariable } from '../../codebuild/project-definition';
import type { AccessControl } from '../../iam/access-control';
import type { Caller } from '../../iam/authorizer';
import { CloneDenied, type SourceServices, unpackBuildSources } from '../build-sources';
import type { ActionResult, ActionRun, ActionRunner } from './action';

export interface CodeBuildActionServices extends SourceServices {
  readonly projects: readonly BuildProject[];
  readonly access: Pick<AccessControl, 'authorize' | 'assumeRole'>;
  /** What every build needs; the action adds its signal */
  readonly build: Omit<BuildDependencies, 'signal'>;
}

/** The action's own variables, as JSON text in its configuration. */
const overridesSchema = z.array(
  z.object({
    name: z.string(),
    value: z.string(),
    type: z.enum(['PLAINTEXT', 'PARAMETER_STORE', 'SECRETS_MANAGER']).default('PLAINTEXT'),
  }),
);

/**
 * `Build/AWS/CodeBuild/1` (and `Test/AWS/CodeBuild/1`): starts a build of the project, or with
 * BatchEnabled a batch of builds, and waits.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
 */
export function codebuildBuildAction(services: CodeBuildActionServices): ActionRunner {
  return async (run) => {
    const { ProjectName = '', BatchEnabled } = run.action.configuration;
    const project = services.projects.find(({ name }) => name === ProjectName);
    if (project === undefined) {
      return failed(
        'ConfigurationError',
        `The project ${ProjectName} does not exist in CodeBuild.`,
      );
    }
    const isBatch = BatchEnabled === 'true';
    const denied = checkRoles(services.access, run.caller, project, isBatch);
    if (denied !== undefined) return failed('PermissionError', denied);
    const environmentOverrides = readOverrides(run.action.configuration['EnvironmentVariables']);
    if (environmentOverrides === undefined) {
      return failed(
        'ConfigurationError',
        `EnvironmentVariables of action '${run.action.name}' is not a JSON list of {name, value, type}.`,
      );
    }
    try {
      const start = isBatch ? startBatch : startBuild;
      return await start(services, run, await requestFor(run, project, environmentOverrides));
    } catch (error) {
      if (!(error instanceof CloneDenied)) throw error;
      return failed('JobFailed', downloadFailure(error.message));
    }
  };
}

/**
 * What the action's role may do, and whether CodeBuild can become the roles that the project has.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html#batch_security_role
 */
function checkRoles(
  access: CodeBuildActionServices['access'],
  caller: Caller,
  project: BuildProject,
  isBatch: boolean,
): string | undefined {
  const calls = isBatch
    ? ['codebuild:StartBuildBatch', 'codebuild:BatchGetBuildBatches']
    : ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'];
  for (const action of calls) {
    const decision = access.authorize({ caller, action, resource: project.arn });
    if (!decision.allowed) return decision.message;
  }
  const batchRole = isBatch ? project.batch?.serviceRoleArn : undefined;
  for (const role of [project.serviceRoleArn, ...(batchRole === undefined ? [] : [batchRole])]) {
    const trust = access.assumeRole(role, {
      kind: 'service',
      service: 'codebuild.amazonaws.com',
      sourceArn: project.arn,
    });
    if (!trust.allowed) return trust.message;
  }
  return undefined;
}

function readOverrides(text: string | undefined): readonly BuildVariable[] | undefined {
  if (text === undefined) return [];
  try {
    return overridesSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

type CommonRequest = Omit<BuildRequest, 'sourceDirectory' | 'outputs'> & {
  readonly caller: Caller;
};

async function requestFor(
  { artifacts, commit, executionId, pipeline }: ActionRun,
  project: BuildProject,
  environmentOverrides: readonly BuildVariable[],
): Promise<CommonRequest> {
  return {
    project,
    environmentOverrides,
    initiator: `codepipeline/${pipeline.name}`,
    artifactDirectory: await artifacts.scratchDirectory(),
    // Source and results pass through the bucket as the project's role, not as the action's.
    caller: {
      kind: 'role',
      roleArn: project.serviceRoleArn,
      sessionName: `AWSCodeBuild-${executionId}`,
    },
    ...(commit !== undefined && { resolvedSourceVersion: commit }),
  };
}

async function startBuild(
  services: CodeBuildActionServices,
  run: ActionRun,
  request: CommonRequest,
): Promise<ActionResult> {
  const { outputArtifacts } = run.action;
  const [only] = outputArtifacts;
  const isSingle = outputArtifacts.length === 1;
  const result = await runBuild(
    {
      ...request,
      ...(await unpackBuildSources(services, run, request.caller)),
      // One output is the buildspec's primary artifact; several are its secondary ones, by name.
      outputs: isSingle ? ['primary'] : outputArtifacts,
    },
    { ...services.build, signal: run.signal },
  );
  for (const [name, zipPath] of Object.entries(result.artifacts)) {
    await run.artifacts.store(isSingle ? (only ?? name) : name, zipPath, request.caller);
  }
  return toActionResult(result);
}

async function startBatch(
  services: CodeBuildActionServices,
  run: ActionRun,
  request: CommonRequest,
): Promise<ActionResult> {
  const { configuration, outputArtifacts } = run.action;
  const result = await runBatch(
    {
      ...request,
      unpackSources: () => unpackBuildSources(services, run, request.caller),
      outputs: outputArtifacts,
      combineArtifacts: configuration['CombineArtifacts'] === 'true',
    },
    { ...services.build, signal: run.signal },
  );
  for (const [name, zipPath] of Object.entries(result.artifacts)) {
    await run.artifacts.store(name, zipPath, request.caller);
  }
  return batchActionResult(result);
}

/**
 * A batch has no output variables: CodeBuild's API has exported ones for single builds alone.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildBatch.html
 */
function batchActionResult({ id, status, builds, failure }: BatchResult): ActionResult {
  if (status !== 'SUCCEEDED') {
    const summary = failure ?? `Batch build terminated with state: ${status}`;
    return { status: 'Failed', errorCode: 'JobFailed', summary, externalExecutionId: id };
  }
  const states = [...builds].map(([identifier, state]) => `${identifier} ${state}`);
  return {
    status: 'Succeeded',
    summary: `Batch build ${id} succeeded: ${states.join(', ')}`,
    externalExecutionId: id,
  };
}

function downloadFailure(message: string): string {
  return `Build terminated with state: FAILED. Phase: DOWNLOAD_SOURCE, Code: CLIENT_ERROR, Message: ${message}`;
}

/** What a build's end means to the action that started it. */
export function toActionResult(result: BuildResult): ActionResult {
  if (result.status === 'SUCCEEDED') {
    return {
      status: 'Succeeded',
      summary: `Build ${result.id} succeeded`,
      externalExecutionId: result.id,
      outputVariables: result.exportedVariables,
    };
  }
  return {
    status: 'Failed',
    errorCode: 'JobFailed',
    summary: result.failure ?? `Build terminated with state: ${result.status}`,
    externalExecutionId: result.id,
  };
}

function failed(errorCode: string, summary: string): ActionResult {
  return { status: 'Failed', errorCode, summary };
}
