import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, readProperties } from '../cloudformation/read-properties';
import { attributes, wholeNumber } from './attributes';
import { actionsSchema, type ListenerAction, readAction } from './listener-action';
import { isNetworkProtocol } from './target-group-definition';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html */
export interface ListenerDefinition {
  readonly arn: string;
  readonly loadBalancerArn: string;
  /** HTTP and HTTPS of an Application, TCP and TLS of a Network Load Balancer */
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';
  /** On AWS; on this machine the listener takes a free port */
  readonly port: number;
  readonly defaultAction: ListenerAction;
  /** After so long without a byte a Network Load Balancer forgets a connection. @default 350 */
  readonly tcpIdleTimeoutSeconds: number;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html */
export interface ListenerRuleDefinition {
  readonly listenerArn: string;
  /** The lowest comes first */
  readonly priority: number;
  /** All must hold; each holds when one of its values matches */
  readonly conditions: readonly ListenerCondition[];
  readonly action: ListenerAction;
}

export interface ListenerCondition {
  readonly field: 'host-header' | 'path-pattern' | 'http-request-method';
  readonly values: readonly string[];
}

/** Properties of AWS::ElasticLoadBalancingV2::Listener that the engine acts on. */
export const playedListenerProperties = [
  'DefaultActions',
  'ListenerAttributes',
  'LoadBalancerArn',
  'Port',
  'Protocol',
] as const;

/** Properties of AWS::ElasticLoadBalancingV2::ListenerRule that the engine acts on. */
export const playedListenerRuleProperties = [
  'Actions',
  'Conditions',
  'ListenerArn',
  'Priority',
] as const;

const notPlayed = (what: string) => z.undefined(`${what} cannot be rehearsed`).optional();

const listenerSchema = z
  .object({
    LoadBalancerArn: z.string(),
    Port: cfnNumber,
    Protocol: z.enum(
      ['HTTP', 'HTTPS', 'TCP', 'TLS'],
      'only HTTP, HTTPS, TCP and TLS listeners can be rehearsed',
    ),
    Certificates: z.array(z.object({ CertificateArn: z.string() })).default([]),
    MutualAuthentication: notPlayed('mutual TLS'),
    ListenerAttributes: attributes({
      'tcp.idle_timeout.seconds': wholeNumber(60, 6000).default(350),
    }).refine(({ given }) => [...given.keys()].every((key) => key === 'tcp.idle_timeout.seconds'), {
      message: 'only the listener attribute tcp.idle_timeout.seconds can be rehearsed',
    }),
    DefaultActions: actionsSchema,
  })
  .refine(
    ({ Protocol, Certificates }) =>
      Protocol === 'HTTP' || Protocol === 'TCP' || Certificates.length > 0,
    { path: ['Certificates'], message: 'AWS wants a certificate for an HTTPS or TLS listener' },
  )
  .refine(
    ({ Protocol, DefaultActions }) =>
      !isNetworkProtocol(Protocol) || DefaultActions.every(({ Type }) => Type === 'forward'),
    {
      path: ['DefaultActions'],
      message: 'a listener of a Network Load Balancer can only forward',
    },
  );

const valuesConfig = z.object({
  Values: z.array(z.string()).min(1),
  RegexValues: notPlayed('a regular expression'),
});

const ruleSchema = z.object({
  ListenerArn: z.string(),
  Priority: cfnNumber,
  Transforms: notPlayed('a transform'),
  Actions: actionsSchema,
  Conditions: z.array(
    z.object({
      Field: z.enum(
        ['host-header', 'path-pattern', 'http-request-method'],
        'only the conditions host-header, path-pattern and http-request-method can be rehearsed',
      ),
      Values: z.array(z.string()).optional(),
      RegexValues: notPlayed('a regular expression'),
      HostHeaderConfig: valuesConfig.optional(),
      PathPatternConfig: valuesConfig.optional(),
      HttpRequestMethodConfig: valuesConfig.optional(),
    }),
  ),
});

/** @throws RehearsalError `PropertyInvalid`, also for what cannot be rehearsed */
export function readListener(resource: DeployedResource): ListenerDefinition {
  const properties = readProperties(resource, listenerSchema);
  return {
    arn: resource.physicalId,
    loadBalancerArn: properties.LoadBalancerArn,
    protocol: properties.Protocol,
    port: properties.Port,
    defaultAction: readAction(resource, properties.DefaultActions),
    tcpIdleTimeoutSeconds: properties.ListenerAttributes.values['tcp.idle_timeout.seconds'],
  };
}

/** @throws RehearsalError `PropertyInvalid`, also for what cannot be rehearsed */
export function readListenerRule(resource: DeployedResource): ListenerRuleDefinition {
  const properties = readProperties(resource, ruleSchema);
  return {
    listenerArn: properties.ListenerArn,
    priority: properties.Priority,
    conditions: properties.Conditions.map((condition) => ({
      field: condition.Field,
      values: [
        ...(condition.Values ?? []),
        ...[
          condition.HostHeaderConfig,
          condition.PathPatternConfig,
          condition.HttpRequestMethodConfig,
        ].flatMap((config) => config?.Values ?? []),
      ],
    })),
    action: readAction(resource, properties.Actions),
  };
}
