import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import { RehearsalError } from '../errors';
import { type CertificateDefinition, readCertificates } from './certificate-definition';
import { groupArns, type ListenerAction } from './listener-action';
import { type ListenerDefinition, readListener } from './listener-definition';
import { type ListenerRuleDefinition, readListenerRule } from './listener-rule-definition';
import { type LoadBalancerDefinition, readLoadBalancer } from './load-balancer-definition';
import { requireGroupProtocol, requireProtocolOf, takesDatagrams } from './protocols';
import { readTargetGroup, type TargetGroupDefinition } from './target-group-definition';

export const ELBV2_TYPES = {
  loadBalancer: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  listener: 'AWS::ElasticLoadBalancingV2::Listener',
  listenerCertificate: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
  listenerRule: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  targetGroup: 'AWS::ElasticLoadBalancingV2::TargetGroup',
} as const;

/** A listener with what it hangs on and what hangs on it. */
export interface ListenerOfLoadBalancer {
  readonly listener: ListenerDefinition;
  readonly loadBalancer: LoadBalancerDefinition;
  readonly rules: readonly ListenerRuleDefinition[];
  /** Of an HTTPS or TLS listener, the default one first */
  readonly certificates: readonly CertificateDefinition[];
}

/** What the templates say of load balancers. */
export interface LoadBalancerDefinitions {
  /** In the order of the templates */
  readonly listeners: readonly ListenerOfLoadBalancer[];
  readonly targetGroups: readonly TargetGroupDefinition[];
  /** Load balancers by the ARN of the target groups that they use */
  readonly usedBy: ReadonlyMap<string, LoadBalancerDefinition>;
  /** What is set and not played, one sentence each */
  readonly unplayed: readonly string[];
}

/**
 * Reads and checks every definition.
 *
 * @throws RehearsalError `PropertyInvalid`, `LoadBalancerTypeNotPlayed`, `LoadBalancerNotFound`,
 *   `TargetGroupNotFound`, `ProtocolsDisagree` or `GroupStickinessMissing`
 */
export function readLoadBalancers(resources: DeployedResources): LoadBalancerDefinitions {
  const unplayed: string[] = [];
  const nameUnplayed = (resource: DeployedResource, property: string, keys: readonly string[]) => {
    for (const key of keys) {
      unplayed.push(`${named(resource)} sets ${property} '${key}', which is not played`);
    }
  };
  const loadBalancers = new Map(
    resources.ofType(ELBV2_TYPES.loadBalancer).map((resource) => {
      const definition = readLoadBalancer(resource);
      nameUnplayed(resource, 'LoadBalancerAttributes', definition.unplayedAttributes);
      return [definition.arn, definition];
    }),
  );
  const rules = resources.ofType(ELBV2_TYPES.listenerRule).map((resource) => {
    const rule = readListenerRule(resource);
    if (rule.conditions.some(({ field }) => field === 'source-ip')) {
      unplayed.push(
        `${named(resource)} looks at the source address: every client of this run has one of this machine`,
      );
    }
    return rule;
  });
  const listeners = resources.ofType(ELBV2_TYPES.listener).map((resource) => {
    const listener = readListener(resource);
    const { logicalId, stack } = resource;
    if (listener.protocol === 'HTTPS' || listener.protocol === 'TLS') {
      unplayed.push(
        `the ${listener.protocol} listener '${logicalId}' in stack '${stack}' shows a certificate made for this run, with Node's TLS settings in place of its SslPolicy`,
      );
    }
    const loadBalancer = loadBalancers.get(listener.loadBalancerArn);
    if (loadBalancer === undefined) {
      throw new RehearsalError(
        'LoadBalancerNotFound',
        `listener '${logicalId}' in stack '${stack}' belongs to the load balancer '${listener.loadBalancerArn}', which no rehearsed stack defines. Rehearse the stack that does, too.`,
      );
    }
    requireProtocolOf(loadBalancer, named(resource), listener.protocol);
    const own = rules.filter(({ listenerArn }) => listenerArn === listener.arn);
    const certificates = readCertificates(listener, resources);
    for (const { arn, names } of certificates.slice(1)) {
      if (names.length > 0) continue;
      unplayed.push(
        `${named(resource)} has the certificate '${arn}', which no rehearsed stack defines: clients that ask for its names are shown the default certificate`,
      );
    }
    return { listener, loadBalancer, rules: own, certificates };
  });
  for (const resource of [ELBV2_TYPES.listenerRule, ELBV2_TYPES.listenerCertificate].flatMap(
    (type) => resources.ofType(type),
  )) {
    const arn = resource.properties['ListenerArn'];
    if (listeners.some(({ listener }) => listener.arn === arn)) continue;
    unplayed.push(
      `${named(resource)} is of the listener '${String(arn)}', which no rehearsed stack defines: it is not played`,
    );
  }
  const usedBy = new Map(
    listeners.flatMap((one) =>
      actionsOf(one)
        .flatMap(groupArns)
        .map((arn) => [arn, one.loadBalancer] as const),
    ),
  );
  const targetGroups = resources.ofType(ELBV2_TYPES.targetGroup).map((resource) => {
    const definition = readTargetGroup(resource);
    nameUnplayed(resource, 'TargetGroupAttributes', definition.unplayedAttributes);
    if (takesDatagrams(definition.protocol)) unplayed.push(clientsOf(definition));
    const user = usedBy.get(definition.arn);
    if (user !== undefined) requireProtocolOf(user, named(resource), definition.protocol);
    return definition;
  });
  for (const one of listeners) {
    for (const action of actionsOf(one)) {
      const groups = targetGroups.filter(({ arn }) => groupArns(action).includes(arn));
      for (const group of groups) requireGroupProtocol(one.listener, group);
      requireGroupStickiness(action, targetGroups);
    }
  }
  for (const [arn, { name }] of usedBy) {
    if (!targetGroups.some((group) => group.arn === arn)) {
      throw unknownTargetGroup(arn, `a listener of '${name}'`);
    }
  }
  return { listeners, targetGroups, usedBy, unplayed };
}

/** Everything that a listener may do with a request. */
export function actionsOf({
  listener,
  rules,
}: Pick<ListenerOfLoadBalancer, 'listener' | 'rules'>): ListenerAction[] {
  return [listener.defaultAction, ...rules.map(({ action }) => action)];
}

/** A target group that a listener or a service uses and no template has. */
export function unknownTargetGroup(arn: string, user: string): RehearsalError {
  return new RehearsalError(
    'TargetGroupNotFound',
    `${user} uses the target group '${arn}', which no rehearsed stack defines. Rehearse the stack that does, too.`,
  );
}

/**
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html, and how
 * AWS says it: https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2734
 */
function requireGroupStickiness(
  action: ListenerAction,
  targetGroups: readonly TargetGroupDefinition[],
): void {
  const arns = groupArns(action);
  const isSticky = action.type === 'forward' && action.stickySeconds !== undefined;
  const sticky = targetGroups.find(({ arn, stickiness }) => arns.includes(arn) && stickiness);
  if (isSticky || arns.length < 2 || sticky === undefined) return;
  throw new RehearsalError(
    'GroupStickinessMissing',
    `target group '${sticky.name}' has stickiness.enabled and stands behind an action with ${arns.length} target groups that is not sticky itself, which AWS refuses. Set ForwardConfig.TargetGroupStickinessConfig of the action, or disable the stickiness of the group.`,
  );
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation */
function clientsOf({ name }: TargetGroupDefinition): string {
  return `targets of '${name}' see traffic from addresses of this machine, not from those of its clients, which a Network Load Balancer preserves with UDP`;
}

function named({ type, logicalId, stack }: DeployedResource): string {
  return `${type} '${logicalId}' in stack '${stack}'`;
}
