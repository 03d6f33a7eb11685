import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unzip } from '../archive/zip';
import type { Authorizer, Caller } from '../iam/authorizer';
import type { ArtifactAccess } from './actions/action';
import type { PipelineDefinition } from './pipeline-definition';

/** S3 said no, or has no such object. */
export class ArtifactAccessDenied extends Error {
  override readonly name = 'ArtifactAccessDenied';
}

/**
 * What CodePipeline and CodeBuild ask S3 for with every artifact.
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ArtifactStore.html
 */
const ENCRYPTED = { 's3:x-amz-server-side-encryption': 'aws:kms' };

/**
 * The artifact bucket of a pipeline: each artifact a zip file, each call made as somebody.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/welcome-introducing-artifacts.html
 */
export class ArtifactStore {
  /** @param keys ARNs of the keys whose policies are known; of others nothing is asked */
  constructor(
    private readonly directory: string,
    private readonly authorizer: Authorizer,
    private readonly keys: readonly string[] = [],
  ) {}

  forExecution(pipeline: PipelineDefinition, executionId: string): ArtifactAccess {
    const home = join(this.directory, pipeline.name, executionId);
    let scratchDirectories = 0;
    const scratchDirectory = async () => {
      scratchDirectories += 1;
      const directory = join(home, 'scratch', String(scratchDirectories));
      await mkdir(directory, { recursive: true });
      return directory;
    };
    const zipOf = (name: string) => join(home, `${name}.zip`);
    // Object keys as pipelines write them: both names cut, then something random.
    const keyOf = (name: string) =>
      `${pipeline.name.slice(0, 20)}/${name.slice(0, 10)}/${executionId.slice(0, 7)}`;
    const arnOf = (name: string) => `arn:aws:s3:::${pipeline.artifactBucket}/${keyOf(name)}`;

    return {
      scratchDirectory,
      unpack: async (name, caller) => {
        this.authorize(caller, 's3:GetObject', arnOf(name));
        this.authorizeKey(caller, 'kms:Decrypt', pipeline);
        if (!existsSync(zipOf(name))) {
          throw new ArtifactAccessDenied(
            `Unable to access the artifact with Amazon S3 object key '${keyOf(name)}' located in the Amazon S3 artifact bucket '${pipeline.artifactBucket}': the action that makes '${name}' has stored nothing.`,
          );
        }
        const directory = await scratchDirectory();
        await unzip(zipOf(name), directory);
        return directory;
      },
      store: async (name, zipPath, caller) => {
        this.authorize(caller, 's3:PutObject', arnOf(name), ENCRYPTED);
        this.authorizeKey(caller, 'kms:GenerateDataKey', pipeline);
        await mkdir(home, { recursive: true });
        await copyFile(zipPath, zipOf(name));
      },
    };
  }

  /**
   * S3 asks for the key as whoever reads or writes the object.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
   */
  private authorizeKey(caller: Caller, action: string, pipeline: PipelineDefinition): void {
    const { artifactKey, region } = pipeline;
    if (artifactKey === undefined || !this.keys.includes(artifactKey)) return;
    this.authorize(caller, action, artifactKey, {
      'kms:ViaService': `s3.${region}.amazonaws.com`,
      'kms:CallerAccount': pipeline.account,
    });
  }

  private authorize(
    caller: Caller,
    action: string,
    resource: string,
    context: Readonly<Record<string, string>> = {},
  ): void {
    const decision = this.authorizer.authorize({ caller, action, resource, context });
    if (!decision.allowed) throw new ArtifactAccessDenied(decision.message);
  }
}
