import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookDefinition.html */
export interface WebhookDefinition {
  readonly name: string;
  readonly secret: string;
  readonly filters: readonly { readonly jsonPath: string; readonly matchEquals: string }[];
  readonly targetPipeline: string;
  readonly targetAction: string;
}

const webhookSchema = z.object({
  Authentication: z.literal('GITHUB_HMAC'),
  AuthenticationConfiguration: z.object({ SecretToken: z.string() }),
  Filters: z.array(z.object({ JsonPath: z.string(), MatchEquals: z.string() })).min(1),
  TargetPipeline: z.string(),
  TargetAction: z.string(),
});

/** Properties of AWS::CodePipeline::Webhook that the engine acts on. */
export const playedWebhookProperties = [
  'Authentication',
  'AuthenticationConfiguration',
  'Filters',
  'Name',
  'RegisterWithThirdParty',
  'TargetAction',
  'TargetPipeline',
  'TargetPipelineVersion',
] as const;

/** @throws RehearsalError `PropertyInvalid` */
export function readWebhook(resource: DeployedResource): WebhookDefinition {
  const properties = readProperties(resource, webhookSchema);
  return {
    name: resource.physicalId,
    secret: properties.AuthenticationConfiguration.SecretToken,
    filters: properties.Filters.map(({ JsonPath, MatchEquals }) => ({
      jsonPath: JsonPath,
      matchEquals: MatchEquals,
    })),
    targetPipeline: properties.TargetPipeline,
    targetAction: properties.TargetAction,
  };
}
