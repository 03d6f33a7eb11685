import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import {
  cfnBoolean,
  cfnNumber,
  cfnString,
  readProperties,
} from '../cloudformation/read-properties';
import type { CircuitBreakerSettings } from './circuit-breaker';
import type { DeploymentAlarmSettings } from './deployment-alarms';
import type { EarlySuccessCriteria } from './early-success';

/** A container port in a target group. */
export interface ServiceLoadBalancer {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
export interface ServiceDefinition {
  /** Name or ARN */
  readonly cluster: string;
  readonly serviceName: string;
  readonly serviceArn: string;
  /** ARN, `family:revision` or family */
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  readonly circuitBreaker: CircuitBreakerSettings;
  /** undefined when there are none or they are switched off */
  readonly alarms: DeploymentAlarmSettings | undefined;
  /** undefined: a deployment is COMPLETED when every task is healthy and the old ones are gone */
  readonly earlySuccess: EarlySuccessCriteria | undefined;
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  /** Seconds for which bad health verdicts on a new task are not acted upon */
  readonly healthCheckGracePeriodSeconds: number;
  readonly subnets: readonly string[];
  /** Empty for the default one of the VPC */
  readonly securityGroups: readonly string[];
  /** @default false */
  readonly assignPublicIp: boolean;
  readonly launchType: 'FARGATE';
  /** Empty when only a launch type is set */
  readonly capacityProviders: readonly ('FARGATE' | 'FARGATE_SPOT')[];
  readonly platformVersion: string;
}

/**
 * Properties of AWS::ECS::Service that the engine plays. Not played, and so named in the report
 * when set: lifecycle hooks, AZ rebalancing (tasks are placed evenly from the start), ECS Exec,
 * Service Connect, service registries, volumes.
 */
export const playedProperties: readonly string[] = [
  'Cluster',
  // Tags never change an outcome.
  'EnableECSManagedTags',
  'PropagateTags',
  'ServiceName',
  'TaskDefinition',
  'DesiredCount',
  'LaunchType',
  'PlatformVersion',
  'SchedulingStrategy',
  'CapacityProviderStrategy',
  'DeploymentController',
  'DeploymentConfiguration.MinimumHealthyPercent',
  'DeploymentConfiguration.MaximumPercent',
  'DeploymentConfiguration.Strategy',
  'DeploymentConfiguration.DeploymentCircuitBreaker',
  'DeploymentConfiguration.Alarms',
  'DeploymentConfiguration.EarlySuccessCriteria',
  'LoadBalancers.TargetGroupArn',
  'LoadBalancers.ContainerName',
  'LoadBalancers.ContainerPort',
  'HealthCheckGracePeriodSeconds',
  'NetworkConfiguration.AwsvpcConfiguration',
];

const only = <Value extends string>(value: Value, plural: string) =>
  z.literal(value, `only ${value} can be played of the ${plural}`);

const circuitBreaker = z.object({
  Enable: cfnBoolean,
  Rollback: cfnBoolean,
  ResetOnHealthyTask: cfnBoolean.default(true),
  ThresholdConfiguration: z
    .object({
      Type: z.enum(['BOUNDED_PERCENT', 'UNBOUNDED_PERCENT', 'COUNT']).default('BOUNDED_PERCENT'),
      Value: cfnNumber.pipe(z.int().min(1)).default(50),
    })
    .default({ Type: 'BOUNDED_PERCENT', Value: 50 }),
});

const alarms = z.object({
  AlarmNames: z.array(cfnString),
  Enable: cfnBoolean,
  Rollback: cfnBoolean,
});

const earlySuccess = z.object({
  Enable: cfnBoolean.default(false),
  HealthyPercent: cfnNumber.pipe(z.int().min(0).max(100)).default(100),
  SourceServiceRevisionCleanup: z.enum(['BLOCKING', 'DEFERRED']).default('BLOCKING'),
});

const schema = z.object({
  Cluster: cfnString.default('default'),
  ServiceName: cfnString.optional(),
  TaskDefinition: cfnString,
  DesiredCount: cfnNumber.pipe(z.int().min(0)).default(1),
  LaunchType: only('FARGATE', 'launch types').default('FARGATE'),
  PlatformVersion: cfnString.default('1.4.0'),
  SchedulingStrategy: only('REPLICA', 'scheduling strategies').default('REPLICA'),
  CapacityProviderStrategy: z
    .array(
      z.object({
        CapacityProvider: z.enum(['FARGATE', 'FARGATE_SPOT'], 'only Fargate can be played'),
      }),
    )
    .optional(),
  DeploymentController: z.object({ Type: only('ECS', 'deployment controllers') }).optional(),
  DeploymentConfiguration: z
    .object({
      MinimumHealthyPercent: cfnNumber.pipe(z.int().min(0).max(100)).default(100),
      MaximumPercent: cfnNumber.pipe(z.int().min(0)).default(200),
      Strategy: only('ROLLING', 'deployment strategies').optional(),
      DeploymentCircuitBreaker: circuitBreaker.optional(),
      Alarms: alarms.optional(),
      EarlySuccessCriteria: earlySuccess.optional(),
    })
    .default({ MinimumHealthyPercent: 100, MaximumPercent: 200 }),
  LoadBalancers: z
    .array(
      z.object({
        TargetGroupArn: cfnString,
        ContainerName: cfnString,
        ContainerPort: cfnNumber,
      }),
    )
    .default([]),
  HealthCheckGracePeriodSeconds: cfnNumber.pipe(z.int().min(0).max(2_147_483_647)).default(0),
  NetworkConfiguration: z.object({
    AwsvpcConfiguration: z.object({
      Subnets: z.array(cfnString).min(1),
      SecurityGroups: z.array(cfnString).default([]),
      AssignPublicIp: z.enum(['ENABLED', 'DISABLED']).default('DISABLED'),
    }),
  }),
});

/**
 * Reads an AWS::ECS::Service: Fargate, rolling deployments.
 *
 * @throws RehearsalError `PropertyInvalid`, also for what is valid on AWS and cannot be played
 */
export function readServiceDefinition(resource: DeployedResource): ServiceDefinition {
  const read = readProperties(resource, schema);
  const {
    DeploymentCircuitBreaker: breaker,
    Alarms: deploymentAlarms,
    EarlySuccessCriteria: criteria,
  } = read.DeploymentConfiguration;
  const awsvpc = read.NetworkConfiguration.AwsvpcConfiguration;
  const arn = resource.attributes['ServiceArn'] ?? resource.physicalId;
  return {
    cluster: read.Cluster,
    serviceName: read.ServiceName ?? resource.attributes['Name'] ?? arn.replace(/^.*\//, ''),
    serviceArn: arn,
    taskDefinition: read.TaskDefinition,
    desiredCount: read.DesiredCount,
    minimumHealthyPercent: read.DeploymentConfiguration.MinimumHealthyPercent,
    maximumPercent: read.DeploymentConfiguration.MaximumPercent,
    circuitBreaker: {
      enable: breaker?.Enable ?? false,
      rollback: breaker?.Rollback ?? false,
      resetOnHealthyTask: breaker?.ResetOnHealthyTask ?? true,
      thresholdType: breaker?.ThresholdConfiguration.Type ?? 'BOUNDED_PERCENT',
      thresholdValue: breaker?.ThresholdConfiguration.Value ?? 50,
    },
    alarms: deploymentAlarms?.Enable
      ? { alarmNames: deploymentAlarms.AlarmNames, rollback: deploymentAlarms.Rollback }
      : undefined,
    earlySuccess: criteria?.Enable
      ? {
          healthyPercent: criteria.HealthyPercent,
          sourceServiceRevisionCleanup: criteria.SourceServiceRevisionCleanup,
        }
      : undefined,
    loadBalancers: read.LoadBalancers.map((entry) => ({
      targetGroupArn: entry.TargetGroupArn,
      containerName: entry.ContainerName,
      containerPort: entry.ContainerPort,
    })),
    healthCheckGracePeriodSeconds: read.HealthCheckGracePeriodSeconds,
    subnets: awsvpc.Subnets,
    securityGroups: awsvpc.SecurityGroups,
    assignPublicIp: awsvpc.AssignPublicIp === 'ENABLED',
    launchType: 'FARGATE',
    capacityProviders: read.CapacityProviderStrategy?.map((one) => one.CapacityProvider) ?? [],
    platformVersion: read.PlatformVersion,
  };
}
