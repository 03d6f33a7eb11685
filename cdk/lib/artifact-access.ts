import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { acknowledgeWildcard } from './acknowledge';

const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const WRITE = ['s3:PutObject'];

/**
 * What CodePipeline's and CodeBuild's own service roles may do with artifacts, on one bucket. The
 * bucket's grant methods would add deleting, listing and legal holds:
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html
 */
export function allowArtifacts(role: Role, bucket: IBucket, access: 'read' | 'read-write'): void {
  const objects = bucket.arnForObjects('*');
  role.addToPolicy(
    new PolicyStatement({
      sid: 'LookAtTheArtifactBucket',
      actions: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning'],
      resources: [bucket.bucketArn],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: access === 'read' ? 'ReadArtifacts' : 'ReadAndWriteArtifacts',
      actions: access === 'read' ? READ : [...READ, ...WRITE],
      resources: [objects],
    }),
  );
  if (bucket.encryptionKey) {
    role.addToPolicy(
      new PolicyStatement({
        sid: 'UseTheKeyOfArtifacts',
        // Large uploads come in parts, and S3 decrypts those before it puts them together:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
        actions: access === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [bucket.encryptionKey.keyArn],
      }),
    );
  }
  acknowledgeWildcard(role, objects, 'CodePipeline makes up the names of artifacts as it goes.');
}
