import type { BuildDependencies } from '../../codebuild/build';
import { runCommandsAction } from '../../codebuild/commands-action';
import type { ActionRunner } from './action';
import { toActionResult } from './codebuild-build-action';

/**
 * `Compute/AWS/Commands/1`: shell commands beside the unpacked input artifact, as the action's role.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
 */
export function commandsAction(build: Omit<BuildDependencies, 'signal'>): ActionRunner {
  return async (run) => {
    const { action, artifacts, caller } = run;
    const [primary, ...others] = action.inputArtifacts;
    const inputDirectory =
      primary === undefined
        ? await artifacts.scratchDirectory()
        : await artifacts.unpack(primary, caller);
    const secondarySources = Object.fromEntries(
      await Promise.all(
        others.map(async (name) => [name, await artifacts.unpack(name, caller)] as const),
      ),
    );
    const result = await runCommandsAction(
      {
        pipelineName: run.pipeline.name,
        actionName: action.name,
        commands: action.commands,
        environment: action.environmentVariables.map(({ name, value }) => ({
          name,
          value,
          type: 'PLAINTEXT',
        })),
        inputDirectory,
        secondarySources,
        caller,
        outputVariables: action.outputVariables,
        outputFiles: action.outputFiles,
        artifactDirectory: await artifacts.scratchDirectory(),
        ...(run.commit !== undefined && { resolvedSourceVersion: run.commit }),
      },
      { ...build, signal: run.signal },
    );
    for (const [name, zipPath] of Object.entries(result.artifacts)) {
      await artifacts.store(name, zipPath, caller);
    }
    return toActionResult(result);
  };
}
