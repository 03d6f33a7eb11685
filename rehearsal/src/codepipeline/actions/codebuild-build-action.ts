import { z } from 'zod';
import { type BuildDependencies, type BuildResult, runBuild } from '../../codebuild/build';
import type { BuildProject, BuildVariable } from '../../codebuild/project-definition';
import type { AccessControl } from '../../iam/access-control';
import type { Caller } from '../../iam/authorizer';
import { type CloneReference, readCloneReference } from '../clone-reference';
import type { ActionResult, ActionRun, ActionRunner } from './action';

export interface CodeBuildActionServices {
  readonly projects: readonly BuildProject[];
  readonly access: Pick<AccessControl, 'authorize' | 'assumeRole'>;
  /** For inputs of the format CODEBUILD_CLONE_REF; fills the directory with a full clone */
  readonly clone: (reference: CloneReference, directory: string) => Promise<void>;
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
 * `Build/AWS/CodeBuild/1` (and `Test/AWS/CodeBuild/1`): starts a build of the project and waits.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
 */
export function codebuildBuildAction(services: CodeBuildActionServices): ActionRunner {
  return async (run) => {
    const { ProjectName = '' } = run.action.configuration;
    const project = services.projects.find(({ name }) => name === ProjectName);
    if (project === undefined) {
      return failed(
        'ConfigurationError',
        `The project ${ProjectName} does not exist in CodeBuild.`,
      );
    }
    const denied = checkRoles(services.access, run.caller, project);
    if (denied !== undefined) return failed('PermissionError', denied);
    const overrides = readOverrides(run.action.configuration['EnvironmentVariables']);
    if (overrides === undefined) {
      return failed(
        'ConfigurationError',
        `EnvironmentVariables of action '${run.action.name}' is not a JSON list of {name, value, type}.`,
      );
    }
    return startBuild(services, run, project, overrides);
  };
}

function checkRoles(
  access: CodeBuildActionServices['access'],
  caller: Caller,
  project: BuildProject,
): string | undefined {
  for (const action of ['codebuild:StartBuild', 'codebuild:BatchGetBuilds']) {
    const decision = access.authorize({ caller, action, resource: project.arn });
    if (!decision.allowed) return decision.message;
  }
  const trust = access.assumeRole(project.serviceRoleArn, {
    kind: 'service',
    service: 'codebuild.amazonaws.com',
    sourceArn: project.arn,
  });
  return trust.allowed ? undefined : trust.message;
}

function readOverrides(text: string | undefined): readonly BuildVariable[] | undefined {
  if (text === undefined) return [];
  try {
    return overridesSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function startBuild(
  services: CodeBuildActionServices,
  run: ActionRun,
  project: BuildProject,
  environmentOverrides: readonly BuildVariable[],
): Promise<ActionResult> {
  const { action, artifacts } = run;
  // Source and results pass through the bucket as the project's role, not as the action's.
  const role: Caller = {
    kind: 'role',
    roleArn: project.serviceRoleArn,
    sessionName: `AWSCodeBuild-${run.executionId}`,
  };
  const primary = action.configuration['PrimarySource'] ?? action.inputArtifacts[0] ?? '';
  const sources: Record<string, string> = {};
  for (const name of action.inputArtifacts) {
    const source = await sourceDirectory(services, run, name, role);
    if ('denied' in source) {
      return failed('JobFailed', downloadFailure(source.denied));
    }
    sources[name] = source.directory;
  }
  const { [primary]: primaryDirectory = '', ...secondarySources } = sources;
  const [only] = action.outputArtifacts;
  const isSingle = action.outputArtifacts.length === 1;
  const result = await runBuild(
    {
      project,
      sourceDirectory: primaryDirectory,
      secondarySources,
      environmentOverrides,
      initiator: `codepipeline/${run.pipeline.name}`,
      artifactDirectory: await artifacts.scratchDirectory(),
      caller: role,
      // One output is the buildspec's primary artifact; several are its secondary ones, by name.
      outputs: isSingle ? ['primary'] : action.outputArtifacts,
      ...(run.commit !== undefined && { resolvedSourceVersion: run.commit }),
    },
    { ...services.build, signal: run.signal },
  );
  for (const [name, zipPath] of Object.entries(result.artifacts)) {
    await artifacts.store(isSingle ? (only ?? name) : name, zipPath, role);
  }
  return toActionResult(result);
}

/** The files of an input, or a clone of the repository that it refers to, made as the project's role. */
async function sourceDirectory(
  { access, clone }: CodeBuildActionServices,
  { artifacts }: ActionRun,
  artifact: string,
  role: Caller,
): Promise<{ directory: string } | { denied: string }> {
  const directory = await artifacts.unpack(artifact, role);
  const reference = await readCloneReference(directory);
  if (reference === undefined) return { directory };
  const decision = access.authorize({ caller: role, ...reference.permission });
  if (!decision.allowed) return { denied: decision.message };
  const cloned = await artifacts.scratchDirectory();
  await clone(reference, cloned);
  return { directory: cloned };
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
