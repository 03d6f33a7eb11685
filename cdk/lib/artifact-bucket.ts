import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

/**
 * Source and build artifacts, and the npm cache of the build. Nothing in it is needed after the
 * execution that wrote it, so everything expires.
 *
 * `cdk destroy` leaves the bucket behind: it has a generated name, so it blocks no later deploy,
 * and it empties itself within a month. Emptying it at once would take a Lambda function with the
 * right to delete, living in the account for one afternoon's use.
 */
export function createArtifactBucket(
  scope: Construct,
  encryptionKey: IKey | undefined,
  accessLogBucket: IBucket | undefined,
): IBucket {
  const bucket = new Bucket(scope, 'ArtifactBucket', {
    ...(encryptionKey
      ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: BucketEncryption.S3_MANAGED }),
    ...(accessLogBucket && {
      serverAccessLogsBucket: accessLogBucket,
      serverAccessLogsPrefix: 'artifacts/',
    }),
    versioned: true,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      {
        expiration: Duration.days(30),
        noncurrentVersionExpiration: Duration.days(1),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
  });
  if (!accessLogBucket) {
    acknowledge(
      bucket,
      'Only the pipeline reads and writes here, and its executions are logged. The property `accessLogs` adds a log of every access.',
      'AwsSolutions-S1',
      'S3BucketLoggingEnabled',
    );
  }
  if (!encryptionKey) {
    acknowledge(
      bucket,
      'Encrypted with a key of S3; a key of the account is $1 a month, and the property `kmsEncryption` brings it.',
      'S3DefaultEncryptionKMS',
    );
  }
  acknowledge(
    bucket,
    'Everything in it expires within a month and can be made again from its commit.',
    'S3BucketReplicationEnabled',
  );
  // The cast is for exactOptionalPropertyTypes, which CDK's declarations are not written for.
  return bucket as IBucket;
}
