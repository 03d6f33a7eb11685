import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/**
 * Source and build artifacts, and the npm cache of the build. Nothing in it is needed after the
 * execution that wrote it, so everything expires.
 *
 * `cdk destroy` leaves the bucket behind: it has a generated name, so it blocks no later deploy,
 * and it empties itself within a month. Emptying it at once would take a Lambda function with the
 * right to delete, living in the account for one afternoon's use.
 */
export function createArtifactBucket(scope: Construct): IBucket {
  const bucket = new Bucket(scope, 'ArtifactBucket', {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      { expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Only the pipeline reads and writes here and its executions are logged; an access log would be a second bucket to keep.',
  });
  // The cast is for exactOptionalPropertyTypes, which CDK's declarations are not written for.
  return bucket as IBucket;
}
