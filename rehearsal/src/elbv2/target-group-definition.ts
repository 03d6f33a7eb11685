import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import {
  cfnBoolean,
  cfnNumber,
  cfnString,
  readProperties,
} from '../cloudformation/read-properties';
import { attributes, flag, unplayedAttributes, wholeNumber } from './attributes';
import { isMatcherText } from './health-check-matcher';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
export interface HealthCheckDefinition {
  /** @default '/' */
  readonly path: string;
  /** A port, or `traffic-port`: where the target receives its requests. @default traffic-port */
  readonly port: string;
  /** @default 30 */
  readonly intervalSeconds: number;
  /**
   * @default 5, as the user guide says. The API reference says 6: the stricter one is played, and a
   *   template had better set it.
   */
  readonly timeoutSeconds: number;
  /** Successes in a row that bring an unhealthy target back; a new one needs one. @default 5 */
  readonly healthyThreshold: number;
  /** Failures in a row that make a target unhealthy. @default 2 */
  readonly unhealthyThreshold: number;
  /** e.g. `200` or `200-299`. @default '200' */
  readonly matcher: string;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html */
export interface TargetGroupDefinition {
  readonly arn: string;
  /** For people: the name in the template, else the logical id */
  readonly name: string;
  readonly healthCheck: HealthCheckDefinition;
  /** How long a deregistered target may finish what is in flight. @default 300 */
  readonly deregistrationDelaySeconds: number;
  /** @default round_robin */
  readonly algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random';
  /** With fewer healthy targets than this, requests go to all. @default 1 */
  readonly minimumHealthyCount: number;
  /** The same as a share of the registered targets; 0 is off. @default 0 */
  readonly minimumHealthyPercentage: number;
  /** How long a cookie binds a client to a target; undefined when requests are not sticky */
  readonly stickySeconds: number | undefined;
  /** How long a new target gets less than its share; 0 is off. @default 0 */
  readonly slowStartSeconds: number;
  /** Attributes that the template sets and the engine does not play */
  readonly unplayedAttributes: readonly string[];
}

/** Properties of AWS::ElasticLoadBalancingV2::TargetGroup that the engine acts on. */
export const playedTargetGroupProperties = [
  'HealthCheckEnabled',
  'HealthCheckIntervalSeconds',
  'HealthCheckPath',
  'HealthCheckPort',
  'HealthCheckProtocol',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'Matcher',
  'Name',
  'Port',
  'Protocol',
  'ProtocolVersion',
  'TargetGroupAttributes',
  'TargetType',
  'UnhealthyThresholdCount',
] as const;

const routing = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const played = {
  'deregistration_delay.timeout_seconds': wholeNumber(0, 3600).default(300),
  'load_balancing.algorithm.type': z
    .enum(['round_robin', 'least_outstanding_requests', 'weighted_random'])
    .default('round_robin'),
  [`${routing}.count`]: wholeNumber(1, 1000).default(1),
  [`${routing}.percentage`]: z
    .union([z.literal('off').transform(() => 0), wholeNumber(1, 100)])
    .default(0),
  'stickiness.enabled': flag.default(false),
  'stickiness.lb_cookie.duration_seconds': wholeNumber(1, 604_800).default(86_400),
  'slow_start.duration_seconds': z
    .union([z.literal('0').transform(() => 0), wholeNumber(30, 900)], {
      error: 'expected 0 or a whole number from 30 to 900',
    })
    .default(0),
};

const unplayedDefaults = {
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
};

/** DNS fails over between zones only; the type of stickiness is looked at by itself. */
const withoutEffect = /^(stickiness\.(type|app_cookie)|target_group_health\.dns_failover)\b/;

const between = (minimum: number, maximum: number) =>
  cfnNumber.refine(
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum,
    `expected a whole number from ${minimum} to ${maximum}`,
  );

const schema = z
  .object({
    Name: z.string().optional(),
    Port: between(1, 65_535).optional(),
    Protocol: z.literal('HTTP', 'only HTTP target groups can be rehearsed'),
    ProtocolVersion: z.literal('HTTP1', 'only HTTP1 can be rehearsed').default('HTTP1'),
    TargetType: z.literal('ip', "only target type 'ip' can be rehearsed (Fargate needs it)"),
    HealthCheckEnabled: cfnBoolean
      .default(true)
      .refine((enabled) => enabled, "AWS lets only groups of type 'lambda' switch it off"),
    HealthCheckProtocol: z.literal('HTTP', 'only HTTP checks can be rehearsed').default('HTTP'),
    HealthCheckPort: cfnString.default('traffic-port'),
    HealthCheckPath: z.string().startsWith('/').default('/'),
    HealthCheckIntervalSeconds: between(5, 300).default(30),
    HealthCheckTimeoutSeconds: between(2, 120).optional(),
    HealthyThresholdCount: between(2, 10).default(5),
    UnhealthyThresholdCount: between(2, 10).default(2),
    Matcher: z
      .object({
        HttpCode: cfnString
          .refine(isMatcherText, "expected codes from 200 to 499 such as '200,204' or '200-299'")
          .default('200'),
      })
      .default({ HttpCode: '200' }),
    TargetGroupAttributes: attributes(played),
  })
  .refine(
    ({ HealthCheckTimeoutSeconds: timeout, HealthCheckIntervalSeconds: interval }) =>
      timeout === undefined || timeout < interval,
    {
      path: ['HealthCheckTimeoutSeconds'],
      message: 'expected less than HealthCheckIntervalSeconds',
    },
  );

/** @throws RehearsalError `PropertyInvalid` */
export function readTargetGroup(resource: DeployedResource): TargetGroupDefinition {
  const properties = readProperties(resource, schema);
  const { values, given } = properties.TargetGroupAttributes;
  const algorithm = values['load_balancing.algorithm.type'];
  const sticky = values['stickiness.enabled'];
  const byOwnCookie = (given.get('stickiness.type') ?? 'lb_cookie') === 'lb_cookie';
  return {
    arn: resource.physicalId,
    name: properties.Name ?? resource.logicalId,
    healthCheck: {
      path: properties.HealthCheckPath,
      port: properties.HealthCheckPort,
      intervalSeconds: properties.HealthCheckIntervalSeconds,
      timeoutSeconds: properties.HealthCheckTimeoutSeconds ?? 5,
      healthyThreshold: properties.HealthyThresholdCount,
      unhealthyThreshold: properties.UnhealthyThresholdCount,
      matcher: properties.Matcher.HttpCode,
    },
    deregistrationDelaySeconds: values['deregistration_delay.timeout_seconds'],
    algorithm,
    minimumHealthyCount: values[`${routing}.count`],
    minimumHealthyPercentage: values[`${routing}.percentage`],
    stickySeconds:
      sticky && byOwnCookie ? values['stickiness.lb_cookie.duration_seconds'] : undefined,
    slowStartSeconds: values['slow_start.duration_seconds'],
    unplayedAttributes: [
      ...unplayedAttributes(given, Object.keys(played), unplayedDefaults, withoutEffect),
      // Random weights are about targets that misbehave; the requests take turns instead.
      ...(sticky && !byOwnCookie ? ['stickiness.type'] : []),
      ...(algorithm === 'weighted_random' ? ['load_balancing.algorithm.type'] : []),
    ],
  };
}
