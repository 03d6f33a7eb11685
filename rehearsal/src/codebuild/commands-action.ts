import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RehearsalError } from '../errors';
import { EventStream } from '../events';
import type { Caller } from '../iam/authorizer';
import { type BuildDependencies, type BuildResult, runBuild } from './build';
import type { BuildProject, BuildVariable } from './project-definition';

export interface CommandsRequest {
  readonly pipelineName: string;
  readonly actionName: string;
  readonly commands: readonly string[];
  /** The action's environment variables */
  readonly environment: readonly BuildVariable[];
  /** The unpacked input artifact, which the commands may change; an empty directory without one */
  readonly inputDirectory?: string;
  /** Further inputs, by artifact name */
  readonly secondarySources?: Readonly<Record<string, string>>;
  /** The action's role, or the pipeline's */
  readonly caller: Caller;
  /** Names of the variables that later actions read */
  readonly outputVariables: readonly string[];
  /** Patterns of the files of each output artifact, by artifact name */
  readonly outputFiles?: Readonly<Record<string, readonly string[]>>;
  /** Where output archives are written */
  readonly artifactDirectory: string;
  readonly resolvedSourceVersion?: string;
  /** Minutes. @default 60 */
  readonly timeoutMinutes?: number;
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html */
const MOST_COMMANDS = 50;
const LONGEST_COMMAND = 1000;
const IMAGE = 'aws/codebuild/amazonlinux-x86_64-standard:5.0';

/**
 * CodePipeline's Commands action: shell commands in CodeBuild's default environment, without a
 * project and a buildspec. `exportedVariables` of the result are the action's output variables.
 *
 * @throws RehearsalError `CommandsInvalid` for commands that CodePipeline would not take
 */
export async function runCommandsAction(
  request: CommandsRequest,
  deps: BuildDependencies,
): Promise<BuildResult> {
  checkCommands(request);
  const sourceDirectory = request.inputDirectory ?? join(request.artifactDirectory, 'empty-input');
  await mkdir(sourceDirectory, { recursive: true });
  const outputs = Object.entries(request.outputFiles ?? {});
  const buildspec = {
    version: '0.2',
    env: { 'exported-variables': request.outputVariables },
    phases: { build: { commands: request.commands } },
    artifacts: {
      'secondary-artifacts': Object.fromEntries(outputs.map(([name, files]) => [name, { files }])),
    },
  };
  return runBuild(
    {
      project: projectFor(request, deps),
      sourceDirectory,
      environmentOverrides: request.environment,
      initiator: `codepipeline/${request.pipelineName}`,
      buildspecOverride: JSON.stringify(buildspec),
      artifactDirectory: request.artifactDirectory,
      outputs: outputs.map(([name]) => name),
      caller: request.caller,
      ...(request.secondarySources && { secondarySources: request.secondarySources }),
      ...(request.resolvedSourceVersion !== undefined && {
        resolvedSourceVersion: request.resolvedSourceVersion,
      }),
    },
    { ...deps, events: withoutBuildEvents(deps.events) },
  );
}

function checkCommands({ commands, actionName }: CommandsRequest): void {
  const say = (problem: string) =>
    new RehearsalError('CommandsInvalid', `the Commands action '${actionName}' ${problem}`);
  if (commands.length < 1 || commands.length > MOST_COMMANDS) {
    throw say(`should have 1 to ${MOST_COMMANDS} commands, got ${commands.length}`);
  }
  for (const command of commands) {
    if (command.length > LONGEST_COMMAND) {
      throw say(
        `has a command of ${command.length} characters, at most ${LONGEST_COMMAND} are allowed; ` +
          'put it into a script of the repository',
      );
    }
    if (command.includes('\n')) {
      throw say(`has a command of several lines ('${command}'); write one command for each`);
    }
  }
}

/** CodePipeline's own compute: no project of the account, logs under the pipeline's name. */
function projectFor(
  { pipelineName, actionName, caller, timeoutMinutes = 60 }: CommandsRequest,
  { region, account }: BuildDependencies,
): BuildProject {
  const name = `AWSCodePipeline-${pipelineName}-${actionName}`;
  return {
    name,
    arn: `arn:aws:codebuild:${region}:${account}:project/${name}`,
    serviceRoleArn: caller.kind === 'role' ? caller.roleArn : '',
    encryptionKey: 'alias/aws/s3',
    timeoutMinutes,
    environment: {
      type: 'LINUX_CONTAINER',
      computeType: 'BUILD_GENERAL1_MEDIUM',
      image: IMAGE,
      privilegedMode: true,
      imagePullCredentials: 'CODEBUILD',
      variables: [],
    },
    source: { type: 'CODEPIPELINE', location: undefined, buildspec: undefined },
    artifacts: { type: 'CODEPIPELINE', encryptionDisabled: false },
    batch: undefined,
    cache: { type: 'NO_CACHE', location: undefined, modes: [] },
    vpc: undefined,
    logs: {
      enabled: true,
      groupName: `/aws/codepipeline/${pipelineName}`,
      streamPrefix: undefined,
    },
  };
}

/** The build belongs to CodePipeline: the account's event bus sees the action's events alone. */
function withoutBuildEvents(events: EventStream): EventStream {
  const others = new EventStream();
  others.subscribe((event) => {
    if (event.kind !== 'aws') events.emit(event);
  });
  return others;
}
