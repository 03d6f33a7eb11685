import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { readProperties } from '../cloudformation/read-properties';

/** Properties of `AWS::CodeStarNotifications::NotificationRule` that the engine acts on. */
export const playedNotificationRuleProperties: readonly string[] = [
  'Name',
  'DetailType',
  'EventTypeIds',
  'EventTypeId',
  'Resource',
  'Status',
  'Targets.TargetAddress',
  'Targets.TargetType',
];

export interface NotificationRuleDefinition {
  readonly arn: string;
  readonly logicalId: string;
  readonly stack: string;
  /** e.g. `codepipeline-pipeline-pipeline-execution-failed` */
  readonly eventTypeIds: readonly string[];
  /** ARN of the pipeline or build project */
  readonly resource: string;
  /** Whether messages say more than the event does */
  readonly full: boolean;
  readonly enabled: boolean;
  readonly targets: readonly { readonly type: string; readonly address: string }[];
}

const schema = z.object({
  DetailType: z.enum(['BASIC', 'FULL']),
  EventTypeIds: z.array(z.string()),
  EventTypeId: z.string().optional(),
  Resource: z.string(),
  Status: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(z.object({ TargetType: z.string(), TargetAddress: z.string() })).default([]),
});

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codestarnotifications-notificationrule.html
 *
 * @throws RehearsalError `PropertyInvalid`
 */
export function readNotificationRule(resource: DeployedResource): NotificationRuleDefinition {
  const { DetailType, EventTypeIds, EventTypeId, Resource, Status, Targets } = readProperties(
    resource,
    schema,
  );
  return {
    arn: resource.physicalId,
    logicalId: resource.logicalId,
    stack: resource.stack,
    eventTypeIds: EventTypeId === undefined ? EventTypeIds : [...EventTypeIds, EventTypeId],
    resource: Resource,
    full: DetailType === 'FULL',
    enabled: Status === 'ENABLED',
    targets: Targets.map(({ TargetType, TargetAddress }) => ({
      type: TargetType,
      address: TargetAddress,
    })),
  };
}
