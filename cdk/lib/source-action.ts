import { SecretValue } from 'aws-cdk-lib/core';
import { type Artifact, CfnWebhook, type Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import {
  CodeStarConnectionsSourceAction,
  GitHubSourceAction,
  GitHubTrigger,
} from 'aws-cdk-lib/aws-codepipeline-actions';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeInlinePolicy } from './acknowledge';
import { allowArtifacts } from './artifact-access';
import { createActionRole, type PipelineAccess } from './pipeline-roles';

export const SOURCE_ACTION_NAME = 'GitHub_Source';

export interface SourceOptions {
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly connectionArn: string | undefined;
  /** Name of the secret that holds the GitHub token. */
  readonly tokenSecretName: string;
  readonly output: Artifact;
}

/** The branch's head, by a connection if there is one and else with a token. */
export function createSourceAction(
  scope: Construct,
  access: PipelineAccess,
  options: SourceOptions,
): CodeStarConnectionsSourceAction | GitHubSourceAction {
  const { owner, repo, branch, connectionArn, tokenSecretName, output } = options;
  if (connectionArn !== undefined) {
    return new CodeStarConnectionsSourceAction({
      actionName: SOURCE_ACTION_NAME,
      owner,
      repo,
      branch,
      connectionArn,
      output,
      role: createConnectionRole(scope, access, connectionArn).withoutPolicyUpdates(),
    });
  }
  return new GitHubSourceAction({
    actionName: SOURCE_ACTION_NAME,
    owner,
    repo,
    branch,
    oauthToken: SecretValue.secretsManager(tokenSecretName),
    output,
    // The construct's own webhook would be signed with the token: see createWebhook.
    trigger: GitHubTrigger.NONE,
  });
}

/** The service was renamed and IAM knows both names: https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html */
function createConnectionRole(
  scope: Construct,
  access: PipelineAccess,
  connectionArn: string,
): Role {
  const role = createActionRole(
    scope,
    'SourceRole',
    `${SOURCE_ACTION_NAME}: uses one connection`,
    access,
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: 'UseTheConnection',
      actions: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
      resources: [connectionArn],
    }),
  );
  allowArtifacts(role, access.artifactBucket, 'read-write');
  acknowledgeInlinePolicy(role);
  return role;
}

/**
 * GitHub's call on every push, signed with a secret of its own. AWS asks not to reuse the token:
 * https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookDefinition.html and
 * docs/decisions/0005-webhook-secret.md.
 */
export function createWebhook(
  scope: Construct,
  pipeline: Pipeline,
  encryptionKey: IKey | undefined,
): CfnWebhook {
  const secret = new Secret(scope, 'WebhookSecret', {
    description: `Signs GitHub's webhook calls to ${pipeline.node.path}`,
    generateSecretString: { passwordLength: 40, excludePunctuation: true },
    ...(encryptionKey && { encryptionKey }),
  });
  acknowledge(
    secret,
    'GitHub keeps a copy of this secret, so a rotation that does not register the webhook anew would silence it.',
    'AwsSolutions-SMG4',
    'SecretsManagerRotationEnabled',
  );
  if (!encryptionKey) {
    acknowledge(
      secret,
      'Encrypted with a key of AWS; a key of the account is $1 a month, and the property `kmsEncryption` brings it.',
      'SecretsManagerUsingKMSKey',
    );
  }
  return new CfnWebhook(scope, 'Webhook', {
    authentication: 'GITHUB_HMAC',
    authenticationConfiguration: { secretToken: secret.secretValue.unsafeUnwrap() },
    // CodePipeline fills {Branch} in from the action's configuration.
    filters: [{ jsonPath: '$.ref', matchEquals: 'refs/heads/{Branch}' }],
    targetPipeline: pipeline.pipelineName,
    targetAction: SOURCE_ACTION_NAME,
    targetPipelineVersion: 1,
    registerWithThirdParty: true,
  });
}
