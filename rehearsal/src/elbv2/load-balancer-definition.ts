import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnString, readProperties } from '../cloudformation/read-properties';
import { RehearsalError } from '../errors';
import type { DesyncMitigationMode } from './desync';
import { attributes, flag, unplayedAttributes, wholeNumber } from './attributes';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html */
export interface LoadBalancerDefinition {
  readonly arn: string;
  /** For people: the name in the template, else the logical id */
  readonly name: string;
  readonly type: 'application' | 'network';
  /** After so long without a byte a connection is closed. @default 60 */
  readonly idleTimeoutSeconds: number;
  /** The age at which a client's connection is closed after its next answer. @default 3600 */
  readonly clientKeepAliveSeconds: number;
  /** What becomes of an X-Forwarded-For header that the client sent. @default append */
  readonly forwardedForMode: 'append' | 'preserve' | 'remove';
  /** Whether X-Forwarded-For holds the client's port too. @default false */
  readonly forwardedForClientPort: boolean;
  /** @default false */
  readonly preserveHostHeader: boolean;
  /** Whether header names other than letters, digits and hyphens are dropped. @default false */
  readonly dropInvalidHeaderFields: boolean;
  /** Whether clients of an HTTPS listener may speak HTTP/2. @default true */
  readonly http2: boolean;
  /** Whether targets are told version and cipher suite of clients' TLS. @default false */
  readonly tlsHeaders: boolean;
  /** What becomes of requests that stray from RFC 7230. @default defensive */
  readonly desyncMode: DesyncMitigationMode;
  /** Attributes that the template sets and the engine does not play */
  readonly unplayedAttributes: readonly string[];
}

/** Properties of AWS::ElasticLoadBalancingV2::LoadBalancer that the engine acts on. */
export const playedLoadBalancerProperties = ['LoadBalancerAttributes', 'Name', 'Type'] as const;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const played = {
  'idle_timeout.timeout_seconds': wholeNumber(1, 4000).default(60),
  'client_keep_alive.seconds': wholeNumber(60, 604_800).default(3600),
  'routing.http.xff_header_processing.mode': z
    .enum(['append', 'preserve', 'remove'])
    .default('append'),
  'routing.http.xff_client_port.enabled': flag.default(false),
  'routing.http.preserve_host_header.enabled': flag.default(false),
  'routing.http.drop_invalid_header_fields.enabled': flag.default(false),
  'routing.http2.enabled': flag.default(true),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag.default(false),
  'routing.http.desync_mitigation_mode': z
    .enum(['monitor', 'defensive', 'strictest'])
    .default('defensive'),
};

/** Protection, logs and firewalls do not change an answer. */
const withoutEffect =
  /^(deletion_protection|access_logs|connection_logs|health_check_logs|waf|zonal_shift|load_balancing\.cross_zone|dns_record)\b/;

const schema = z.object({
  Name: z.string().optional(),
  Type: cfnString.default('application'),
  LoadBalancerAttributes: attributes(played),
});

/**
 * @throws RehearsalError `PropertyInvalid`, or `LoadBalancerTypeNotPlayed` for a Gateway Load
 *   Balancer
 */
export function readLoadBalancer(resource: DeployedResource): LoadBalancerDefinition {
  const properties = readProperties(resource, schema);
  const type = properties.Type;
  if (type !== 'application' && type !== 'network') {
    throw new RehearsalError(
      'LoadBalancerTypeNotPlayed',
      `load balancer '${resource.logicalId}' in stack '${resource.stack}' has Type '${type}'; only 'application' and 'network' can be rehearsed.`,
    );
  }
  const { values, given } = properties.LoadBalancerAttributes;
  return {
    arn: resource.physicalId,
    name: properties.Name ?? resource.logicalId,
    type,
    idleTimeoutSeconds: values['idle_timeout.timeout_seconds'],
    clientKeepAliveSeconds: values['client_keep_alive.seconds'],
    forwardedForMode: values['routing.http.xff_header_processing.mode'],
    forwardedForClientPort: values['routing.http.xff_client_port.enabled'],
    preserveHostHeader: values['routing.http.preserve_host_header.enabled'],
    dropInvalidHeaderFields: values['routing.http.drop_invalid_header_fields.enabled'],
    http2: values['routing.http2.enabled'],
    tlsHeaders: values['routing.http.x_amzn_tls_version_and_cipher_suite.enabled'],
    desyncMode: values['routing.http.desync_mitigation_mode'],
    unplayedAttributes: unplayedAttributes(given, Object.keys(played), {}, withoutEffect),
  };
}
