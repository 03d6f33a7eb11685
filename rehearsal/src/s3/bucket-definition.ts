import { z } from 'zod';
import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { cfnBoolean, readProperties } from '../cloudformation/read-properties';

/** What a bucket does when an object is put into it. */
export interface BucketDefinition {
  readonly name: string;
  readonly versioned: boolean;
  /** Whether it tells EventBridge itself (`Object Created`) */
  readonly eventBridge: boolean;
}

const schema = z.object({
  VersioningConfiguration: z.object({ Status: z.string() }).optional(),
  NotificationConfiguration: z
    .object({
      EventBridgeConfiguration: z
        .object({ EventBridgeEnabled: cfnBoolean.default(true) })
        .optional(),
    })
    .optional(),
});

/** The CDK's custom resource for what a bucket tells; its function sets this configuration. */
const notificationsSchema = z.object({
  BucketName: z.string(),
  NotificationConfiguration: z.object({ EventBridgeConfiguration: z.object({}).optional() }),
});

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
 *
 * @throws RehearsalError `PropertyInvalid`
 */
export function readBuckets(resources: DeployedResources): BucketDefinition[] {
  const told = new Set(
    resources.ofType('Custom::S3BucketNotifications').flatMap((resource) => {
      const { BucketName, NotificationConfiguration } = readProperties(
        resource,
        notificationsSchema,
      );
      return NotificationConfiguration.EventBridgeConfiguration === undefined ? [] : [BucketName];
    }),
  );
  return resources.ofType('AWS::S3::Bucket').map((resource) => {
    const { VersioningConfiguration, NotificationConfiguration } = readProperties(resource, schema);
    const own = NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled;
    return {
      name: resource.physicalId,
      versioned: VersioningConfiguration?.Status === 'Enabled',
      eventBridge: own ?? told.has(resource.physicalId),
    };
  });
}

const trailSchema = z.object({
  IsLogging: cfnBoolean.default(true),
  EventSelectors: z
    .array(
      z.object({
        ReadWriteType: z.enum(['All', 'ReadOnly', 'WriteOnly']).default('All'),
        DataResources: z
          .array(z.object({ Type: z.string(), Values: z.array(z.string()).default([]) }))
          .default([]),
      }),
    )
    .default([]),
});

/**
 * Whether a trail of the templates records a write to an object, and so puts it on the event bus.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 *
 * @param objectArn `arn:aws:s3:::bucket/key`
 */
export function isRecorded(trails: readonly DeployedResource[], objectArn: string): boolean {
  return trails.some((trail) => {
    const { IsLogging, EventSelectors } = readProperties(trail, trailSchema);
    return (
      IsLogging &&
      EventSelectors.some(
        ({ ReadWriteType, DataResources }) =>
          ReadWriteType !== 'ReadOnly' &&
          DataResources.some(
            ({ Type, Values }) =>
              Type === 'AWS::S3::Object' && Values.some((prefix) => objectArn.startsWith(prefix)),
          ),
      )
    );
  });
}
