import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/**
 * The key of the topics: $1 a month. The one that AWS manages for SNS cannot be used, because its
 * policy lets neither CloudWatch nor EventBridge in, and their messages would be lost in silence:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 *
 * EventBridge is let in by the targets of the rules. They ask for no source, rightly: that page says
 * that EventBridge does not tell it to KMS, so a condition would keep every message out.
 *
 * @param alarmNames alarms that publish; by name, because they refer to the topic and it to the key
 */
export function createNotificationKey(scope: Construct, alarmNames: readonly string[]): IKey {
  const key = new Key(scope, 'NotificationKey', {
    description: 'Notifications of releases, until they are delivered',
    enableKeyRotation: true,
    // No message is kept, so nothing is lost with the key.
    removalPolicy: RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(7),
  });
  const stack = Stack.of(scope);
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowTheAlarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnEquals: {
          'aws:SourceArn': alarmNames.map((resourceName) =>
            stack.formatArn({
              service: 'cloudwatch',
              resource: 'alarm',
              resourceName,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          ),
        },
      },
    }),
  );
  return key;
}

/** Where failures are told; each address gets a mail to confirm before the first one arrives. */
export function createNotificationTopic(
  scope: Construct,
  key: IKey,
  displayName: string,
  addresses: readonly string[],
): Topic {
  const topic = new Topic(scope, 'PipelineNotificationTopic', {
    // The sender's name in every mail.
    displayName,
    enforceSSL: true,
    masterKey: key,
  });
  for (const address of addresses) topic.addSubscription(new EmailSubscription(address));
  return topic;
}

/**
 * Tells a topic of both changes of an alarm.
 *
 * A rule's statement replaces the topic's default policy, under which an alarm of the account may
 * publish. Without this one CloudWatch would be refused, and only the alarm's history would tell.
 */
export function tellOfAlarm(topic: Topic, alarm: Alarm): void {
  const action = new SnsAction(topic);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AllowTheAlarm',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { ArnEquals: { 'aws:SourceArn': alarm.alarmArn } },
    }),
  );
}
