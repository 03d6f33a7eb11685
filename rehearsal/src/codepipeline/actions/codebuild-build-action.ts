import { z } from 'zod';
import { type BuildDependencies, type BuildResult, runBuild } from '../../codebuild/build';
import type { BuildProject, BuildVariable } from '../../codebuild/project-definition';
import type { AccessControl } from '../../iam/access-control';
import type { Caller } from '../../iam/authorizer';
import type { ActionResult, ActionRun, ActionRunner } from './action';

export interface CodeBuildActionServices {
  readonly projects: readonly BuildProject[];
  readonly access: AccessControl;
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
  access: AccessControl,
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
  const sources = Object.fromEntries(
    await Promise.all(
      action.inputArtifacts.map(
        async (name) => [name, await artifacts.unpack(name, role)] as const,
      ),
    ),
  );
  const { [primary]: sourceDirectory = '', ...secondarySources } = sources;
  const [only] = action.outputArtifacts;
  const isSingle = action.outputArtifacts.length === 1;
  const result = await runBuild(
    {
      project,
      sourceDirectory,
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
