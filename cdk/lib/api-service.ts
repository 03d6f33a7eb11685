import { Duration } from 'aws-cdk-lib/core';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { CfnService, FargateTaskDefinition, ICluster } from 'aws-cdk-lib/aws-ecs';
import { AlarmBehavior, AvailabilityZoneRebalancing, FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { ServiceSettings } from './cdk-stack-props';
import { taskPlacement } from './network';
import type { ResourceNames } from './resource-names';

/** Failed tasks after which a release is given up and rolled back. */
const CIRCUIT_BREAKER_FAILURES = 2;

export interface ApiServiceOptions {
  readonly names: ResourceNames;
  readonly settings: ServiceSettings;
  readonly vpc: IVpc;
  readonly cluster: ICluster;
  readonly taskDefinition: FargateTaskDefinition;
  readonly targetGroup: ApplicationTargetGroup;
  /** A deployment during which one of these goes to ALARM is rolled back. */
  readonly deploymentAlarms: readonly Alarm[];
}

/** The service: start new tasks first, go back by itself when they fail. */
export function createService(scope: Construct, options: ApiServiceOptions): FargateService {
  const { names, settings, vpc, cluster, taskDefinition, targetGroup, deploymentAlarms } = options;
  const placement = taskPlacement(settings.egress);
  const service = new FargateService(scope, 'ApiService', {
    serviceName: names.service,
    cluster,
    taskDefinition,
    desiredCount: settings.desiredCount,
    // Never fewer than desired, twice as many for a moment: the order that loses no request.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    // One that is red already when a deployment starts is not looked at, so it cannot block the
    // release that mends it: docs/decisions/0013-service-alarms.md.
    deploymentAlarms: {
      alarmNames: deploymentAlarms.map(({ alarmName }) => alarmName),
      behavior: AlarmBehavior.ROLLBACK_ON_ALARM,
    },
    // Ten times the start on a quarter of a CPU: docs/decisions/0004-deploy-timings.md.
    healthCheckGracePeriod: Duration.seconds(30),
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
    ...placement,
    securityGroups: [
      // Its only ingress rule, from the load balancer to the container port, comes with the attachment.
      new SecurityGroup(scope, 'ServiceSecurityGroup', {
        vpc,
        description: 'Tasks: from the load balancer only',
      }),
    ],
  });
  service.attachToApplicationTargetGroup(targetGroup);
  waitForImagePulls(service, vpc, placement.vpcSubnets);
  lowerCircuitBreakerThreshold(service);
  return service;
}

/**
 * CloudFormation starts a service as soon as what it refers to exists, and the way out to ECR is
 * none of that: on the first deploy two early tasks without a route or a policy would trip the
 * breaker and roll the stack back.
 */
function waitForImagePulls(service: FargateService, vpc: IVpc, subnets: SubnetSelection): void {
  service.node.addDependency(vpc.selectSubnets(subnets).internetConnectivityEstablished);
  const { executionRole } = service.taskDefinition;
  if (executionRole) service.node.addDependency(executionRole);
}

/**
 * Without this the breaker waits for three failures whatever the count of tasks. The construct has
 * no property for it yet, the resource has:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
 */
function lowerCircuitBreakerThreshold(service: FargateService): void {
  (service.node.defaultChild as CfnService).addPropertyOverride(
    'DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration',
    { Type: 'COUNT', Value: CIRCUIT_BREAKER_FAILURES },
  );
}
