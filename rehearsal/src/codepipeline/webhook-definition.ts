import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';
import { parseJsonPath } from './webhook-filter';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookDefinition.html */
export interface WebhookDefinition {
  readonly name: string;
  /** Signs deliveries (`GITHUB_HMAC`); undefined when everybody may call (`UNAUTHENTICATED`) */
  readonly secret: string | undefined;
  readonly filters: readonly {
    readonly jsonPath: string;
    readonly matchEquals: string | undefined;
  }[];
  readonly targetPipeline: string;
  readonly targetAction: string;
}

const filters = z
  .array(z.object({ JsonPath: z.string(), MatchEquals: z.string().optional() }))
  .min(1)
  .max(5);
const target = { Filters: filters, TargetPipeline: z.string(), TargetAction: z.string() };

const webhookSchema = z.discriminatedUnion(
  'Authentication',
  [
    z.object({
      ...target,
      Authentication: z.literal('GITHUB_HMAC'),
      AuthenticationConfiguration: z.object({ SecretToken: z.string() }),
    }),
    z.object({ ...target, Authentication: z.literal('UNAUTHENTICATED') }),
    z.object({ ...target, Authentication: z.literal('IP') }),
  ],
  { error: 'expected GITHUB_HMAC, IP or UNAUTHENTICATED' },
);

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

/**
 * @throws RehearsalError `PropertyInvalid`; `WebhookUnplayed` for callers told apart by their
 *   address, which on one machine they all share; `WebhookFilterUnplayed`
 */
export function readWebhook(resource: DeployedResource): WebhookDefinition {
  const properties = readProperties(resource, webhookSchema);
  if (properties.Authentication === 'IP') {
    throw new RehearsalError(
      'WebhookUnplayed',
      `AWS::CodePipeline::Webhook '${resource.logicalId}' in stack '${resource.stack}' has the Authentication 'IP', which is not played: GitHub's addresses are not those of this machine. Played are GITHUB_HMAC and UNAUTHENTICATED.`,
    );
  }
  for (const { JsonPath } of properties.Filters) parseJsonPath(JsonPath);
  return {
    name: resource.physicalId,
    secret:
      properties.Authentication === 'GITHUB_HMAC'
        ? properties.AuthenticationConfiguration.SecretToken
        : undefined,
    filters: properties.Filters.map(({ JsonPath, MatchEquals }) => ({
      jsonPath: JsonPath,
      matchEquals: MatchEquals,
    })),
    targetPipeline: properties.TargetPipeline,
    targetAction: properties.TargetAction,
  };
}
