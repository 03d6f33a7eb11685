import type { Stack } from 'aws-cdk-lib/core';
import type { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { createLogGroup } from '../log-group';
import type { ResourceNames } from '../resource-names';
import type { Audience } from './announcement';
import { createChatTopic, type SlackChannel } from './chat';
import { type ReleaseActions, tellOfFailedActions, tellOfFailedDeployments } from './failure-mails';
import { createNotificationKey, createNotificationTopic, tellOfAlarm } from './notification-topic';
import { createPipelineFailedAlarm } from './pipeline-alarm';
import { tellOfRecovery } from './recovery-mail';
import { tellOfServiceAlarms } from './service-alarm-mails';

export interface MonitoringOptions {
  readonly names: ResourceNames;
  readonly pipeline: Pipeline;
  readonly actions: ReleaseActions;
  /** Who gets the mails */
  readonly addresses: readonly string[];
  readonly slackChannel: SlackChannel | undefined;
  /** For the log group; one of AWS's when undefined */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Who hears what of a release, and when: docs/decisions/0012-notifications.md.
 *
 * @returns the topic of the mails
 */
export function createMonitoring(stack: Stack, options: MonitoringOptions): Topic {
  const { names, pipeline, actions, addresses, slackChannel, encryptionKey } = options;
  const key = createNotificationKey(stack, [names.pipelineFailedAlarm]);
  const mail = createNotificationTopic(stack, key, `Releases of ${names.service}`, addresses);
  const chat = slackChannel && createChatTopic(stack, key, names.pipeline, slackChannel);
  const audience: Audience = { mail, chat };

  tellOfFailedActions(stack, pipeline, actions, audience);
  tellOfFailedDeployments(stack, names, audience);
  tellOfServiceAlarms(stack, names, audience);
  const logGroup = createLogGroup(stack, 'ExecutionsLogGroup', {
    name: names.executionsLogGroup,
    encryptionKey,
  });
  tellOfRecovery(stack, pipeline, names, logGroup, audience);

  const alarm = createPipelineFailedAlarm(stack, names.pipelineFailedAlarm, pipeline);
  for (const topic of [mail, chat]) if (topic) tellOfAlarm(topic, alarm);
  return mail;
}
