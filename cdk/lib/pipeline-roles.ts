import { ArnPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeInlinePolicy } from './acknowledge';
import { allowArtifacts } from './artifact-access';

/** What an action has to know of its pipeline to get a role of its own. */
export interface PipelineAccess {
  readonly role: Role;
  readonly artifactBucket: IBucket;
}

/**
 * The pipeline itself: stores artifacts and becomes the roles of its actions, nothing else.
 * Constructs get it without policy updates, because their own grants are wider.
 */
export function createPipelineRole(scope: Construct, artifactBucket: IBucket): Role {
  const role = new Role(scope, 'PipelineRole', {
    description: 'Release pipeline: artifacts and the roles of its actions',
    assumedBy: new ServicePrincipal('codepipeline.amazonaws.com'),
  });
  allowArtifacts(role, artifactBucket, 'read-write');
  acknowledgeInlinePolicy(role);
  return role;
}

/** A role that one action works as and only this pipeline can take. */
export function createActionRole(
  scope: Construct,
  id: string,
  description: string,
  { role: pipelineRole }: PipelineAccess,
): Role {
  const role = new Role(scope, id, {
    description,
    assumedBy: new ArnPrincipal(pipelineRole.roleArn),
  });
  pipelineRole.addToPolicy(
    new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [role.roleArn] }),
  );
  return role;
}
