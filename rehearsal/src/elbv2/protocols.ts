import { RehearsalError } from '../errors';
import type { LoadBalancerDefinition } from './load-balancer-definition';

/** HTTP and HTTPS of an Application, the others of a Network Load Balancer. */
export type Protocol = (typeof PROTOCOLS)[number];

/** Those of listeners and of target groups that are played. */
export const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP'] as const;

/**
 * Which target groups a listener may forward to.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html#target-group-routing-configuration
 */
const GROUPS_OF: Readonly<Record<Protocol, readonly Protocol[]>> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  UDP: ['UDP', 'TCP_UDP'],
  TCP_UDP: ['TCP_UDP'],
};

/** Whether listeners and target groups of that protocol belong to a Network Load Balancer. */
export function isNetworkProtocol(protocol: unknown): boolean {
  return takesDatagrams(protocol) || protocol === 'TCP' || protocol === 'TLS';
}

/** Whether traffic of that protocol is, or may be, UDP. */
export function takesDatagrams(protocol: unknown): boolean {
  return protocol === 'UDP' || protocol === 'TCP_UDP';
}

/**
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
 *
 * @param user who has the protocol, for people
 * @throws RehearsalError `ProtocolsDisagree`
 */
export function requireProtocolOf(
  { type, name }: LoadBalancerDefinition,
  user: string,
  protocol: Protocol,
): void {
  if (isNetworkProtocol(protocol) === (type === 'network')) return;
  const allowed = PROTOCOLS.filter((one) => isNetworkProtocol(one) === (type === 'network'));
  throw disagreement(
    `${user} has Protocol '${protocol}', but the load balancer '${name}' is of Type '${type}': AWS wants ${either(allowed)} there.`,
  );
}

/** @throws RehearsalError `ProtocolsDisagree` for a target group that a listener cannot forward to */
export function requireGroupProtocol(
  listener: { readonly protocol: Protocol; readonly port: number },
  group: { readonly protocol: Protocol; readonly name: string },
): void {
  const allowed = GROUPS_OF[listener.protocol];
  if (allowed.includes(group.protocol)) return;
  throw disagreement(
    `the listener at port ${listener.port} has Protocol '${listener.protocol}' and forwards to the target group '${group.name}' of Protocol '${group.protocol}': AWS wants ${either(allowed)} there.`,
  );
}

function disagreement(what: string): RehearsalError {
  return new RehearsalError(
    'ProtocolsDisagree',
    `${what} Correct the CDK app (or the template) and synthesize it again.`,
  );
}

function either(protocols: readonly Protocol[]): string {
  return protocols.join(', ').replace(/, (?!.*,)/, ' or ');
}
