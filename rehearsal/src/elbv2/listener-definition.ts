import { z } from 'zod';
import type { DeployedResource } from '../cloudformation/deployed-resource';
import { cfnNumber, readProperties } from '../cloudformation/read-properties';
import { attributes, wholeNumber } from './attributes';
import { actionsSchema, type ListenerAction, readAction } from './listener-action';
import {
  headerAttributes,
  type ListenerHeaders,
  listenerHeaders,
  withoutMutualTls,
} from './listener-headers';
import { isNetworkProtocol, type Protocol, PROTOCOLS } from './protocols';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html */
export interface ListenerDefinition {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly protocol: Protocol;
  /** On AWS; on this machine the listener takes a free port */
  readonly port: number;
  /** ARN of the default certificate; undefined for HTTP and TCP */
  readonly certificateArn: string | undefined;
  readonly defaultAction: ListenerAction;
  /** After so long without a byte a Network Load Balancer forgets a connection. @default 350 */
  readonly tcpIdleTimeoutSeconds: number;
  readonly headers: ListenerHeaders;
}

/** Properties of AWS::ElasticLoadBalancingV2::Listener that the engine acts on. */
export const playedListenerProperties = [
  'Certificates',
  'DefaultActions',
  'ListenerAttributes',
  'LoadBalancerArn',
  'Port',
  'Protocol',
] as const;

const notPlayed = (what: string) => z.undefined(`${what} cannot be rehearsed`).optional();

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html */
const networkAttributes = { 'tcp.idle_timeout.seconds': wholeNumber(60, 6000).default(350) };

const listenerSchema = z
  .object({
    LoadBalancerArn: z.string(),
    Port: cfnNumber,
    Protocol: z.enum(PROTOCOLS, `only ${PROTOCOLS.join(', ')} listeners can be rehearsed`),
    Certificates: z.array(z.object({ CertificateArn: z.string() })).default([]),
    MutualAuthentication: notPlayed('mutual TLS'),
    ListenerAttributes: attributes({ ...networkAttributes, ...headerAttributes }),
    DefaultActions: actionsSchema,
  })
  .refine(
    ({ Protocol, Certificates }) =>
      Certificates.length === (Protocol === 'HTTPS' || Protocol === 'TLS' ? 1 : 0),
    {
      path: ['Certificates'],
      message:
        'AWS wants one certificate for an HTTPS or TLS listener (further ones are of AWS::ElasticLoadBalancingV2::ListenerCertificate), and none for others',
    },
  )
  .superRefine(({ Protocol, ListenerAttributes: { given } }, context) => {
    const isNetwork = isNetworkProtocol(Protocol);
    // The idle timeout of UDP is fixed.
    const known = Object.keys(
      Protocol === 'UDP' ? {} : isNetwork ? networkAttributes : headerAttributes,
    );
    const others = isNetwork ? undefined : withoutMutualTls;
    for (const key of given.keys()) {
      if (known.includes(key) || others?.test(key)) continue;
      const message = `${key} is no attribute of such a listener, or cannot be rehearsed`;
      context.addIssue({ code: 'custom', path: ['ListenerAttributes'], message });
    }
  })
  .refine(
    ({ Protocol, DefaultActions }) =>
      !isNetworkProtocol(Protocol) || DefaultActions.every(({ Type }) => Type === 'forward'),
    {
      path: ['DefaultActions'],
      message: 'a listener of a Network Load Balancer can only forward',
    },
  );

/** @throws RehearsalError `PropertyInvalid`, also for what cannot be rehearsed */
export function readListener(resource: DeployedResource): ListenerDefinition {
  const properties = readProperties(resource, listenerSchema);
  return {
    arn: resource.physicalId,
    loadBalancerArn: properties.LoadBalancerArn,
    protocol: properties.Protocol,
    port: properties.Port,
    certificateArn: properties.Certificates[0]?.CertificateArn,
    defaultAction: readAction(resource, properties.DefaultActions),
    tcpIdleTimeoutSeconds: properties.ListenerAttributes.values['tcp.idle_timeout.seconds'],
    headers: listenerHeaders(properties.ListenerAttributes),
  };
}
