import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, readProperties } from '../cloudformation/read-properties';
import { attributes, flag, unplayedAttributes, wholeNumber } from './attributes';
import {
  type HealthCheckDefinition,
  healthCheckOf,
  healthCheckProperties,
  healthCheckSchema,
} from './health-check-definition';
import { isNetworkProtocol, type Protocol, PROTOCOLS, takesDatagrams } from './protocols';
import type { Stickiness } from './stickiness';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html */
export interface TargetGroupDefinition {
  readonly arn: string;
  /** For people: the name in the template, else the logical id */
  readonly name: string;
  /** How the load balancer speaks to the targets */
  readonly protocol: Protocol;
  readonly healthCheck: HealthCheckDefinition;
  /** How long a deregistered target may finish what is in flight. @default 300 */
  readonly deregistrationDelaySeconds: number;
  /** Whether a Network Load Balancer cuts flows when that time is over. @default with UDP */
  readonly terminatesConnections: boolean;
  /** Whether a Network Load Balancer cuts connections to a target that is unhealthy. @default without UDP */
  readonly terminatesUnhealthy: boolean;
  /** How long connections to an unhealthy target are kept where they are not cut. @default 0 */
  readonly unhealthyDrainingSeconds: number;
  /** @default round_robin */
  readonly algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random';
  /** With fewer healthy targets than this, requests go to all. @default 1 */
  readonly minimumHealthyCount: number;
  /** The same as a share of the registered targets; 0 is off. @default 0 */
  readonly minimumHealthyPercentage: number;
  /** Whether a Network Load Balancer binds a client's address to a target. @default false */
  readonly bindsSourceAddress: boolean;
  /** Whether a Network Load Balancer tells targets of the client by a header. @default false */
  readonly proxyProtocol: boolean;
  /** Undefined when requests are not sticky */
  readonly stickiness: Stickiness | undefined;
  /** How long a new target gets less than its share; 0 is off. @default 0 */
  readonly slowStartSeconds: number;
  /** Attributes that the template sets and the engine does not play */
  readonly unplayedAttributes: readonly string[];
}

/** Properties of AWS::ElasticLoadBalancingV2::TargetGroup that the engine acts on. */
export const playedTargetGroupProperties = [
  ...healthCheckProperties,
  'Name',
  'Port',
  'Protocol',
  'ProtocolVersion',
  'TargetGroupAttributes',
  'TargetType',
] as const;

const routing = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets';
const unhealthyTermination = 'target_health_state.unhealthy.connection_termination.enabled';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const played = {
  'deregistration_delay.timeout_seconds': wholeNumber(0, 3600).default(300),
  'deregistration_delay.connection_termination.enabled': flag.optional(),
  [unhealthyTermination]: flag.optional(),
  'target_health_state.unhealthy.draining_interval_seconds': wholeNumber(0, 360_000).default(0),
  'load_balancing.algorithm.type': z
    .enum(['round_robin', 'least_outstanding_requests', 'weighted_random'])
    .default('round_robin'),
  [`${routing}.count`]: wholeNumber(1, 1000).default(1),
  [`${routing}.percentage`]: z
    .union([z.literal('off').transform(() => 0), wholeNumber(1, 100)])
    .default(0),
  // The network judges by it: see `preservesClients`.
  'preserve_client_ip.enabled': flag.optional(),
  'proxy_protocol_v2.enabled': flag.default(false),
  'stickiness.enabled': flag.default(false),
  'stickiness.type': z.string().default('lb_cookie'),
  'stickiness.lb_cookie.duration_seconds': wholeNumber(1, 604_800).default(86_400),
  'stickiness.app_cookie.duration_seconds': wholeNumber(1, 604_800).default(86_400),
  'stickiness.app_cookie.cookie_name': z
    .string()
    .refine((name) => !name.startsWith('AWSALB'), "AWS keeps names that begin with 'AWSALB'")
    .optional(),
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

/** DNS fails over between zones only. */
const withoutEffect = /^target_group_health\.dns_failover\b/;

const schemaFor = (isNetwork: boolean) =>
  healthCheckSchema(isNetwork)
    .extend({
      Name: z.string().optional(),
      Port: cfnNumber.pipe(z.int().min(1).max(65_535)).optional(),
      Protocol: z.enum(PROTOCOLS, `only ${PROTOCOLS.join(', ')} target groups can be rehearsed`),
      ProtocolVersion: z.literal('HTTP1', 'only HTTP1 can be rehearsed').default('HTTP1'),
      TargetType: z.literal('ip', "only target type 'ip' can be rehearsed (Fargate needs it)"),
      TargetGroupAttributes: attributes(played),
    })
    .refine(
      ({ HealthCheckTimeoutSeconds: timeout, HealthCheckIntervalSeconds: interval }) =>
        timeout === undefined || timeout < interval,
      {
        path: ['HealthCheckTimeoutSeconds'],
        message: 'expected less than HealthCheckIntervalSeconds',
      },
    )
    .refine(
      ({ Protocol, TargetGroupAttributes: { values } }) =>
        !takesDatagrams(Protocol) ||
        (values[unhealthyTermination] !== true && values['preserve_client_ip.enabled'] !== false),
      {
        path: ['TargetGroupAttributes'],
        message: `with UDP, AWS lets ${unhealthyTermination} not be enabled and preserve_client_ip.enabled not be disabled`,
      },
    )
    .refine(
      ({ TargetGroupAttributes: { values } }) =>
        values['stickiness.type'] !== 'app_cookie' ||
        !values['stickiness.enabled'] ||
        values['stickiness.app_cookie.cookie_name'] !== undefined,
      {
        path: ['TargetGroupAttributes'],
        message: "AWS wants stickiness.app_cookie.cookie_name with the type 'app_cookie'",
      },
    );

/** @throws RehearsalError `PropertyInvalid` */
export function readTargetGroup(resource: DeployedResource): TargetGroupDefinition {
  const isNetwork = isNetworkProtocol(resource.properties['Protocol']);
  const properties = readProperties(resource, schemaFor(isNetwork));
  const { values, given } = properties.TargetGroupAttributes;
  const byUdp = takesDatagrams(properties.Protocol);
  const proxyProtocol = values['proxy_protocol_v2.enabled'];
  const isSticky = values['stickiness.enabled'];
  const bindsSourceAddress = isSticky && isNetwork && values['stickiness.type'] === 'source_ip';
  const stickiness = isSticky ? stickinessOf(values) : undefined;
  return {
    arn: resource.physicalId,
    name: properties.Name ?? resource.logicalId,
    protocol: properties.Protocol,
    healthCheck: { ...healthCheckOf(properties, isNetwork), proxyProtocol },
    deregistrationDelaySeconds: values['deregistration_delay.timeout_seconds'],
    terminatesConnections: values['deregistration_delay.connection_termination.enabled'] ?? byUdp,
    terminatesUnhealthy: values[unhealthyTermination] ?? !byUdp,
    unhealthyDrainingSeconds: values['target_health_state.unhealthy.draining_interval_seconds'],
    algorithm: values['load_balancing.algorithm.type'],
    minimumHealthyCount: values[`${routing}.count`],
    minimumHealthyPercentage: values[`${routing}.percentage`],
    bindsSourceAddress,
    proxyProtocol,
    stickiness,
    slowStartSeconds: values['slow_start.duration_seconds'],
    unplayedAttributes: [
      ...unplayedAttributes(given, Object.keys(played), unplayedDefaults, withoutEffect),
      // It is documented for TCP alone: what becomes of datagrams is not.
      ...(proxyProtocol && byUdp ? ['proxy_protocol_v2.enabled'] : []),
      ...(isSticky && stickiness === undefined && !bindsSourceAddress ? ['stickiness.type'] : []),
    ],
  };
}

function stickinessOf(values: {
  readonly 'stickiness.type': string;
  readonly 'stickiness.lb_cookie.duration_seconds': number;
  readonly 'stickiness.app_cookie.duration_seconds': number;
  readonly 'stickiness.app_cookie.cookie_name'?: string | undefined;
}): Stickiness | undefined {
  const type = values['stickiness.type'];
  if (type === 'lb_cookie') {
    return { type, seconds: values['stickiness.lb_cookie.duration_seconds'] };
  }
  const cookieName = values['stickiness.app_cookie.cookie_name'];
  if (type !== 'app_cookie' || cookieName === undefined) return undefined;
  return { type, cookieName, seconds: values['stickiness.app_cookie.duration_seconds'] };
}
