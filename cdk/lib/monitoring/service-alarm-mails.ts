import { Stack } from 'aws-cdk-lib/core';
import { EventField, Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { ResourceNames } from '../resource-names';
import { announce, type Audience } from './announcement';
import { alarmPage, dashboardPage } from './console-links';

/**
 * A mail when an alarm of the service goes off, and one when it is over. By the events of the alarms
 * and not by their actions: those would need the topic, whose stack depends on that of the alarms.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
export function tellOfServiceAlarms(
  scope: Construct,
  { serviceAlarms, service, dashboard }: ResourceNames,
  audience: Audience,
): void {
  const { region } = Stack.of(scope);
  const alarm = EventField.fromPath('$.detail.alarmName');
  const changes = [
    {
      id: 'ServiceAlarm',
      description: 'Tells of an alarm of the service',
      states: { state: { value: ['ALARM'] } },
      title: `Service ${service} is not well: alarm ${alarm}.`,
    },
    {
      id: 'ServiceAlarmOver',
      description: 'Tells that an alarm of the service is over',
      // An alarm without data that becomes OK is a new one, and no news.
      states: { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } },
      title: `Service ${service} is well again: alarm ${alarm} is over.`,
    },
  ];
  for (const { id, description, states, title } of changes) {
    const rule = new Rule(scope, id, {
      description,
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: Object.values(serviceAlarms), ...states },
      },
    });
    announce(
      rule,
      {
        title,
        reason: EventField.fromPath('$.detail.configuration.description'),
        sentences: [
          `Dashboard: ${dashboardPage(region, dashboard)}`,
          `Since ${EventField.fromPath('$.time')}. What was measured:`,
        ],
        link: alarmPage(region, alarm),
      },
      audience,
    );
  }
}
