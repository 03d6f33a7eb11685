import type { Authorizer } from '../../iam/authorizer';
import type { ObjectStore } from '../../s3/object-store';
import type { ActionResult, ActionRunner } from './action';

/**
 * `Source/AWS/S3/1`: the newest version of an object, or the one that a trigger asks for. The
 * object must be a zip file for the actions that unpack it.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
 */
export function s3SourceAction(
  objects: Pick<ObjectStore, 'find' | 'bucket'>,
  authorizer: Authorizer,
): ActionRunner {
  const failed = (errorCode: string, summary: string): ActionResult => ({
    status: 'Failed',
    errorCode,
    summary,
  });
  return async (run) => {
    const { S3Bucket: bucket = '', S3ObjectKey: key = '' } = run.action.configuration;
    const bucketArn = `arn:aws:s3:::${bucket}`;
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
    const calls = [
      ['s3:GetBucketVersioning', bucketArn],
      ['s3:GetObject', `${bucketArn}/${key}`],
      ['s3:GetObjectVersion', `${bucketArn}/${key}`],
    ] as const;
    for (const [action, resource] of calls) {
      const decision = authorizer.authorize({ caller: run.caller, action, resource });
      if (!decision.allowed) return failed('PermissionError', decision.message);
    }
    if (objects.bucket(bucket)?.versioned === false) {
      return failed(
        'ConfigurationError',
        `The bucket '${bucket}' has no versioning, which a source of CodePipeline needs. Set its VersioningConfiguration to Enabled.`,
      );
    }
    const version = objects.find(bucket, key, run.requestedCommit);
    if (version === undefined) {
      const what = run.requestedCommit === undefined ? '' : `version ${run.requestedCommit} of `;
      return failed(
        'ConfigurationError',
        `There is no ${what}object '${key}' in the bucket '${bucket}'.`,
      );
    }
    for (const artifact of run.action.outputArtifacts) {
      await run.artifacts.store(artifact, version.path, run.caller);
    }
    const { versionId, etag } = version;
    return {
      status: 'Succeeded',
      summary: `Amazon S3 version id: ${versionId}`,
      externalExecutionId: versionId,
      commit: versionId,
      outputVariables: { BucketName: bucket, ETag: etag, ObjectKey: key, VersionId: versionId },
    };
  };
}
