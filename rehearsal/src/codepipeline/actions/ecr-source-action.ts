import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipFiles } from '../../archive/zip';
import type { CatalogImage } from '../../ecr/image-catalog';
import type { ImageStore } from '../../ecr/image-store';
import type { Authorizer } from '../../iam/authorizer';
import type { ActionRunner } from './action';

const FILE_NAME = 'imageDetail.json';

/**
 * `Source/AWS/ECR/1`: the image that a tag points to, as `imageDetail.json`.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECR.html
 */
export function ecrSourceAction(
  images: Pick<ImageStore, 'account' | 'registryHost' | 'repositoryArn' | 'findImage'>,
  authorizer: Authorizer,
): ActionRunner {
  return async (run) => {
    const { RepositoryName: repository = '', ImageTag: tag = 'latest' } = run.action.configuration;
    const decision = authorizer.authorize({
      caller: run.caller,
      action: 'ecr:DescribeImages',
      resource: images.repositoryArn(repository),
    });
    if (!decision.allowed) {
      return { status: 'Failed', errorCode: 'PermissionError', summary: decision.message };
    }
    const wanted = run.requestedCommit ?? tag;
    const image = images.findImage(repository, wanted);
    if (image === undefined) {
      return {
        status: 'Failed',
        errorCode: 'ConfigurationError',
        summary: `There is no image '${wanted}' in the ECR repository '${repository}'.`,
      };
    }
    const uri = `${images.registryHost}/${repository}@${image.digest}`;
    const directory = await run.artifacts.scratchDirectory();
    const file = join(directory, FILE_NAME);
    await writeFile(file, JSON.stringify(imageDetail(image, images.account, uri)));
    const zipPath = join(directory, 'image-detail.zip');
    await zipFiles([{ path: FILE_NAME, from: file }], zipPath);
    for (const artifact of run.action.outputArtifacts) {
      await run.artifacts.store(artifact, zipPath, run.caller);
    }
    return {
      status: 'Succeeded',
      summary: `${tag} (${image.digest})`,
      externalExecutionId: image.digest,
      commit: image.digest,
      outputVariables: {
        ImageDigest: image.digest,
        ImageTag: tag,
        ImageURI: uri,
        RegistryId: images.account,
        RepositoryName: repository,
      },
    };
  };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html */
function imageDetail(image: CatalogImage, registryId: string, uri: string) {
  return {
    ImageSizeInBytes: String(image.size),
    ImageDigest: image.digest,
    Version: '1.0',
    ImagePushedAt: pushedAt(image.pushedAt),
    RegistryId: registryId,
    RepositoryName: image.repositoryName,
    ImageURI: uri,
    ImageTags: image.tags,
  };
}

/** `Mon Jan 21 20:04:00 UTC 2019` */
function pushedAt(time: number): string {
  const [weekday = '', day = '', month = '', year = '', clock = ''] = new Date(time)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${weekday} ${month} ${day} ${clock} UTC ${year}`;
}
