import type { Stack } from 'aws-cdk-lib/core';
import { ArnFormat } from 'aws-cdk-lib/core';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ServiceSettings } from '../cdk-stack-props';
import type { ResourceNames } from '../resource-names';
import { createDashboard } from './dashboard';
import { createErrorAlarms, createHealthAlarms, type LoadBalancing } from './service-alarms';

/**
 * Alarms and dashboard of the service. In two steps, because deployments need the first alarms and
 * the other ones need the service.
 *
 * The alarms have no actions: who hears of them is a matter of the pipeline's stack, which has the
 * topic and refers to this one.
 */
export class ServiceMonitoring {
  /** They roll a deployment back. */
  readonly deploymentAlarms: readonly Alarm[];

  constructor(
    private readonly stack: Stack,
    private readonly names: ResourceNames,
    private readonly settings: ServiceSettings,
    private readonly loadBalancing: LoadBalancing,
  ) {
    this.deploymentAlarms = createErrorAlarms(
      stack,
      names.serviceAlarms,
      loadBalancing,
      settings.alarmThresholds,
    );
  }

  watch(service: FargateService): void {
    const { stack, names, loadBalancing } = this;
    const { desiredCount, alarmThresholds } = this.settings;
    const healthAlarms = createHealthAlarms(
      stack,
      names.serviceAlarms,
      loadBalancing,
      service,
      desiredCount,
      alarmThresholds,
    );
    createDashboard(stack, {
      names,
      loadBalancing,
      service,
      desiredCount,
      alarms: [
        this.namedAlarm('PipelineFailed', names.pipelineFailedAlarm),
        this.namedAlarm('ReleaseBroken', names.releaseBrokenAlarm),
        ...this.deploymentAlarms,
        ...healthAlarms,
      ],
    });
  }

  /** An alarm of the pipeline's stack, which is created after this one. */
  private namedAlarm(id: string, resourceName: string) {
    const arn = this.stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return Alarm.fromAlarmArn(this.stack, id, arn);
  }
}
