import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

/**
 * Logs of one stack that AWS writes into S3, kept for as long as asked. Like the artifact bucket it
 * survives `cdk destroy` under a generated name, and empties itself.
 */
export function createLogBucket(scope: Construct, retention: Duration): IBucket {
  const bucket = new Bucket(scope, 'LogBucket', {
    // The only kind that load balancers deliver to:
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ expiration: retention, noncurrentVersionExpiration: retention }],
  });
  acknowledge(
    bucket,
    'Load balancers and S3 deliver only to buckets that are encrypted with keys of S3.',
    'S3DefaultEncryptionKMS',
  );
  acknowledge(
    bucket,
    'Logs of one region are kept in that region; add a rule to the bucket where a second copy is asked for.',
    'S3BucketReplicationEnabled',
  );
  // The cast is for exactOptionalPropertyTypes, which CDK's declarations are not written for.
  return bucket as IBucket;
}

/** A log bucket for load balancer and VPC; one that gets the logs of other buckets is none. */
export function createTrafficLogBucket(scope: Construct, retention: Duration): IBucket {
  const bucket = createLogBucket(scope, retention);
  acknowledge(
    bucket,
    'Only AWS writes here; a log of who wrote logs would need a bucket of its own, and so on.',
    'AwsSolutions-S1',
    'S3BucketLoggingEnabled',
  );
  return bucket;
}

/**
 * Elastic Load Balancing writes below the account of the load balancer, so no other account's can
 * write here. The same for every region, unlike the older policies with an account for each:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export function allowLoadBalancerLogs(bucket: IBucket, prefix: string): void {
  const { account } = Stack.of(bucket);
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowLoadBalancerLogs',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${prefix}/AWSLogs/${account}/*`)],
    }),
  );
}
