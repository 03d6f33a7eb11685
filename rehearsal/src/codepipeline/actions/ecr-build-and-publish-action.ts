import { statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { BuildDependencies } from '../../codebuild/build';
import { runCommandsAction } from '../../codebuild/commands-action';
import type { ImageStore } from '../../ecr/image-store';
import type { Authorizer } from '../../iam/authorizer';
import type { ActionRunner } from './action';
import { toActionResult } from './codebuild-build-action';

export interface EcrBuildAndPublishServices {
  readonly build: Omit<BuildDependencies, 'signal'>;
  readonly images: Pick<ImageStore, 'registryHost' | 'repositoryArn' | 'findImage'>;
  readonly authorizer: Authorizer;
}

/**
 * `Build/AWS/ECRBuildAndPublish/1`: builds the image of a Dockerfile in the input and pushes it, on
 * CodePipeline's own compute.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECRBuildAndPublish.html
 */
export function ecrBuildAndPublishAction(services: EcrBuildAndPublishServices): ActionRunner {
  const { build, images, authorizer } = services;
  return async (run) => {
    const { action, artifacts, caller } = run;
    const {
      ECRRepositoryName: repository = '',
      DockerFilePath = '.',
      ImageTags = 'latest',
    } = action.configuration;
    const decision = authorizer.authorize({
      caller,
      action: 'ecr:DescribeRepositories',
      resource: images.repositoryArn(repository),
    });
    if (!decision.allowed) {
      return { status: 'Failed', errorCode: 'PermissionError', summary: decision.message };
    }
    const inputDirectory = await artifacts.unpack(action.inputArtifacts[0] ?? '', caller);
    const tags = ImageTags.split(',').map((tag) => tag.trim());
    const names = tags.map((tag) => `${images.registryHost}/${repository}:${tag}`);
    const result = await runCommandsAction(
      {
        pipelineName: run.pipeline.name,
        actionName: action.name,
        commands: [
          `aws ecr get-login-password | docker login --username AWS --password-stdin ${images.registryHost}`,
          `docker build ${names.map((name) => `-t ${shellWord(name)}`).join(' ')} ${context(inputDirectory, DockerFilePath)}`,
          ...names.map((name) => `docker push ${shellWord(name)}`),
        ],
        environment: [],
        inputDirectory,
        caller,
        outputVariables: [],
        artifactDirectory: await artifacts.scratchDirectory(),
        ...(run.commit !== undefined && { resolvedSourceVersion: run.commit }),
      },
      { ...build, signal: run.signal },
    );
    const ended = toActionResult(result);
    if (ended.status === 'Failed') return ended;
    const digest = images.findImage(repository, tags[0] ?? '')?.digest ?? '';
    const outputVariables = { ECRImageDigestId: digest, ECRRepositoryName: repository };
    return { ...ended, outputVariables };
  };
}

/** The path is that of a directory with a Dockerfile; one of the file itself means its directory. */
function context(inputDirectory: string, path: string): string {
  const isFile = statSync(join(inputDirectory, path), { throwIfNoEntry: false })?.isFile() ?? false;
  return isFile ? `-f ${shellWord(path)} ${shellWord(posix.dirname(path))}` : shellWord(path);
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
