import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';
import { hookRangesOutside } from '../github/hook-addresses';
import { parseJsonPath } from './webhook-filter';

/** https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookDefinition.html */
export interface WebhookDefinition {
  readonly name: string;
  /** Signs deliveries (`GITHUB_HMAC`); undefined where they are not signed */
  readonly secret: string | undefined;
  /** CIDR block that callers must be in (`IP`); undefined where they may be anywhere */
  readonly allowedIpRange: string | undefined;
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
    z.object({
      ...target,
      Authentication: z.literal('IP'),
      AuthenticationConfiguration: z.object({
        AllowedIPRange: z.union([z.cidrv4(), z.cidrv6()], {
          error: 'expected a CIDR block, e.g. 192.30.252.0/22',
        }),
      }),
    }),
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

/** @throws RehearsalError `PropertyInvalid` or `WebhookFilterUnplayed` */
export function readWebhook(resource: DeployedResource): WebhookDefinition {
  const properties = readProperties(resource, webhookSchema);
  for (const { JsonPath } of properties.Filters) parseJsonPath(JsonPath);
  return {
    name: resource.physicalId,
    secret:
      properties.Authentication === 'GITHUB_HMAC'
        ? properties.AuthenticationConfiguration.SecretToken
        : undefined,
    allowedIpRange:
      properties.Authentication === 'IP'
        ? properties.AuthenticationConfiguration.AllowedIPRange
        : undefined,
    filters: properties.Filters.map(({ JsonPath, MatchEquals }) => ({
      jsonPath: JsonPath,
      matchEquals: MatchEquals,
    })),
    targetPipeline: properties.TargetPipeline,
    targetAction: properties.TargetAction,
  };
}

/** A sentence where GitHub delivers from addresses that the webhook refuses; undefined elsewhere. */
export function lostDeliveries({ name, allowedIpRange }: WebhookDefinition): string | undefined {
  const outside = allowedIpRange === undefined ? [] : hookRangesOutside(allowedIpRange);
  return outside.length === 0
    ? undefined
    : `the webhook '${name}' admits ${allowedIpRange} only; GitHub delivers from ${outside.join(', ')} as well (https://api.github.com/meta, hooks), and pushes that it reports from there start nothing. GITHUB_HMAC admits all of them, and nobody else.`;
}
