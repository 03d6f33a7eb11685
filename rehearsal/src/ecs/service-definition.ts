import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import {
  cfnBoolean,
  cfnNumber,
  cfnString,
  readProperties,
} from '../cloudformation/read-properties';
import type { CircuitBreakerSettings } from './circuit-breaker';

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
  readonly loadBalancers: readonly ServiceLoadBalancer[];
  /** Seconds for which bad health verdicts on a new task are not acted upon */
  readonly healthCheckGracePeriodSeconds: number;
  readonly subnets: readonly string[];
  readonly launchType: 'FARGATE';
  readonly platformVersion: string;
}

/**
 * Properties of AWS::ECS::Service that the engine plays. Not played, and so named in the report
 * when set: security groups and public addresses, deployment alarms, early success criteria,
 * lifecycle hooks, AZ rebalancing (tasks are placed evenly from the start), ECS Exec, Service
 * Connect, service registries, volumes.
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
  'LoadBalancers.TargetGroupArn',
  'LoadBalancers.ContainerName',
  'LoadBalancers.ContainerPort',
  'HealthCheckGracePeriodSeconds',
  'NetworkConfiguration.AwsvpcConfiguration.Subnets',
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
    AwsvpcConfiguration: z.object({ Subnets: z.array(cfnString).min(1) }),
  }),
});

/**
 * Reads an AWS::ECS::Service: Fargate, rolling deployments.
 *
 * @throws RehearsalError `PropertyInvalid`, also for what is valid on AWS and cannot be played
 */
export function readServiceDefinition(resource: DeployedResource): ServiceDefinition {
  const read = readProperties(resource, schema);
  const breaker = read.DeploymentConfiguration.DeploymentCircuitBreaker;
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
    loadBalancers: read.LoadBalancers.map((entry) => ({
      targetGroupArn: entry.TargetGroupArn,
      containerName: entry.ContainerName,
      containerPort: entry.ContainerPort,
    })),
    healthCheckGracePeriodSeconds: read.HealthCheckGracePeriodSeconds,
    subnets: read.NetworkConfiguration.AwsvpcConfiguration.Subnets,
    launchType: 'FARGATE',
    platformVersion: read.PlatformVersion,
  };
}
