import { type Clock, isoTime } from '../clock';
import type { DeployedResource, DeployedResources } from '../cloudformation/deployed-resource';
import type { LoadBalancerReachability } from '../ec2/reachability-questions';
import { RehearsalError } from '../errors';
import type { EventStream } from '../events';
import type { AccessLogRecord } from './access-log';
import { enabledZones, mayReachZone, zoneOfSubnet } from './enabled-zones';
import type { ListenerAction } from './listener-action';
import {
  type ListenerDefinition,
  type ListenerRuleDefinition,
  readListener,
  readListenerRule,
} from './listener-definition';
import { type LoadBalancerDefinition, readLoadBalancer } from './load-balancer-definition';
import { UnreachableListener } from './lost-packets';
import { ReverseProxy } from './reverse-proxy';
import { selfSignedCertificate } from './self-signed-certificate';
import { type GroupUser, TargetGroup } from './target-group';
import { readTargetGroup } from './target-group-definition';
import type { Target, TargetHealth, TargetRegistrar } from './target-registrar';

const TYPES = {
  loadBalancer: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  listener: 'AWS::ElasticLoadBalancingV2::Listener',
  listenerRule: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  targetGroup: 'AWS::ElasticLoadBalancingV2::TargetGroup',
} as const;

export interface LoadBalancersOptions {
  readonly clock: Clock;
  readonly events: EventStream;
  /** Called once for each request, when it is over */
  readonly onRequest: (record: AccessLogRecord) => void;
  /** @default everybody reaches everything */
  readonly network?: LoadBalancerReachability;
}

/** Where a listener is reached on this machine. */
export interface ListenerAddress {
  readonly loadBalancerArn: string;
  readonly listenerArn: string;
  /** The port in the template; the local one is free for the taking, since 80 needs root */
  readonly listenerPort: number;
  readonly host: string;
  readonly port: number;
  /** Why clients cannot connect, as on AWS; undefined when they can */
  readonly barrier: string | undefined;
  /** Groups that its default action or a rule of it forwards to */
  readonly targetGroupArns: readonly string[];
  /** PEM, of an HTTPS listener: what its clients must trust */
  readonly certificate: string | undefined;
}

/** All Application Load Balancers of the deployed stacks, as local reverse proxies. */
export class LoadBalancers implements TargetRegistrar {
  private constructor(
    private readonly resources: DeployedResources,
    private readonly targetGroups: ReadonlyMap<string, TargetGroup>,
    private readonly proxies: readonly {
      readonly definition: ListenerDefinition;
      readonly rules: readonly ListenerRuleDefinition[];
      readonly barrier: string | undefined;
      readonly proxy: ReverseProxy | UnreachableListener;
    }[],
    private readonly network: LoadBalancerReachability | undefined,
  ) {}

  /**
   * Reads every definition, then listens on 127.0.0.1 for each listener.
   *
   * @throws RehearsalError `PropertyInvalid`, `LoadBalancerTypeNotPlayed`, `LoadBalancerNotFound`
   *   or `TargetGroupNotFound`
   */
  static async start(
    resources: DeployedResources,
    { clock, events, onRequest, network }: LoadBalancersOptions,
  ): Promise<LoadBalancers> {
    const loadBalancers = new Map(
      resources.ofType(TYPES.loadBalancer).map((resource) => {
        const definition = readLoadBalancer(resource);
        nameUnplayed(resource, 'LoadBalancerAttributes', definition.unplayedAttributes);
        return [definition.arn, definition];
      }),
    );
    const rules = resources.ofType(TYPES.listenerRule).map(readListenerRule);
    const listeners = resources.ofType(TYPES.listener).map((resource) => {
      const listener = readListener(resource);
      if (listener.protocol === 'HTTPS') nameTls(resource);
      const loadBalancer = loadBalancers.get(listener.loadBalancerArn);
      if (loadBalancer === undefined) {
        throw new RehearsalError(
          'LoadBalancerNotFound',
          `listener '${resource.logicalId}' in stack '${resource.stack}' belongs to the load balancer '${listener.loadBalancerArn}', which no rehearsed stack defines. Rehearse the stack that does, too.`,
        );
      }
      return {
        listener,
        loadBalancer,
        rules: rules.filter(({ listenerArn }) => listenerArn === listener.arn),
      };
    });
    const usedBy = new Map<string, LoadBalancerDefinition>();
    for (const { listener, loadBalancer, rules: own } of listeners) {
      for (const arn of [listener.defaultAction, ...own.map(({ action }) => action)].flatMap(
        groupArns,
      )) {
        usedBy.set(arn, loadBalancer);
      }
    }
    const targetGroups = new Map(
      resources.ofType(TYPES.targetGroup).map((resource) => {
        const definition = readTargetGroup(resource);
        nameUnplayed(resource, 'TargetGroupAttributes', definition.unplayedAttributes);
        const loadBalancer = groupUser(usedBy.get(definition.arn), resources);
        return [definition.arn, new TargetGroup(definition, { clock, events, loadBalancer })];
      }),
    );
    for (const [arn, { name }] of usedBy) {
      if (!targetGroups.has(arn)) throw unknownTargetGroup(arn, `a listener of '${name}'`);
    }
    const certificate = listeners.some(({ listener }) => listener.protocol === 'HTTPS')
      ? // Clients hold its dates against the clock of the machine.
        selfSignedCertificate(serverNames(resources), Date.now())
      : undefined;
    const proxies = await Promise.all(
      listeners.map(async ({ listener, loadBalancer, rules: own }) => {
        const barrier = network?.barrierToListener(listener.arn);
        const tls = listener.protocol === 'HTTPS' ? certificate : undefined;
        const options = { loadBalancer, listener, rules: own, targetGroups, tls, clock, onRequest };
        const proxy =
          barrier === undefined
            ? await ReverseProxy.start(options)
            : await UnreachableListener.start();
        return { definition: listener, rules: own, barrier, proxy };
      }),
    );
    return new LoadBalancers(resources, targetGroups, proxies, network);

    function nameTls({ logicalId, stack }: DeployedResource): void {
      events.emit({
        kind: 'unproven',
        time: isoTime(clock.now()),
        message: `the HTTPS listener '${logicalId}' in stack '${stack}' shows a certificate made for this run, with Node's TLS settings in place of its SslPolicy`,
      });
    }

    function nameUnplayed(
      resource: DeployedResource,
      property: string,
      keys: readonly string[],
    ): void {
      for (const key of keys) {
        events.emit({
          kind: 'unproven',
          time: isoTime(clock.now()),
          message: `${resource.type} '${resource.logicalId}' in stack '${resource.stack}' sets ${property} '${key}', which is not played`,
        });
      }
    }
  }

  /**
   * The listeners of a load balancer (by ARN, name or DNS name), or one listener by ARN; empty when
   * there is none.
   */
  addressOf(loadBalancerOrListener: string): ListenerAddress[] {
    const loadBalancerArn = this.resources
      .ofType(TYPES.loadBalancer)
      .find(({ physicalId, attributes, properties }) =>
        [
          physicalId,
          attributes['DNSName'],
          attributes['LoadBalancerName'],
          properties['Name'],
        ].includes(loadBalancerOrListener),
      )?.physicalId;
    return this.addresses().filter(
      (address) =>
        address.listenerArn === loadBalancerOrListener ||
        address.loadBalancerArn === loadBalancerArn,
    );
  }

  /** Every listener, in the order of the templates. */
  addresses(): ListenerAddress[] {
    return this.proxies.map(({ definition, rules, barrier, proxy }) => ({
      loadBalancerArn: definition.loadBalancerArn,
      listenerArn: definition.arn,
      listenerPort: definition.port,
      barrier,
      targetGroupArns: [definition.defaultAction, ...rules.map(({ action }) => action)].flatMap(
        groupArns,
      ),
      ...proxy.address,
      certificate: proxy instanceof ReverseProxy ? proxy.certificate : undefined,
    }));
  }

  registerTarget(targetGroupArn: string, target: Target): void {
    const group = this.targetGroup(targetGroupArn);
    const { port } = group.definition.healthCheck;
    const ports = port === 'traffic-port' ? [target.port] : [target.port, Number(port)];
    const unreachable = ports.flatMap((one): [number, string][] => {
      const barrier = this.network?.barrierToTarget(targetGroupArn, { id: target.id, port: one });
      return barrier === undefined ? [] : [[one, barrier]];
    });
    group.register({ ...target, unreachablePorts: new Map(unreachable) });
  }

  deregisterTarget(targetGroupArn: string, target: Pick<Target, 'id' | 'port'>): void {
    this.targetGroup(targetGroupArn).deregister(target);
  }

  targetHealth(targetGroupArn: string, target: Pick<Target, 'id' | 'port'>): TargetHealth {
    return this.targetGroup(targetGroupArn).health(target);
  }

  /** Ends checks, connections and servers at once; may be called twice. */
  async close(): Promise<void> {
    for (const group of this.targetGroups.values()) group.close();
    await Promise.all(this.proxies.map(({ proxy }) => proxy.close()));
  }

  private targetGroup(arn: string): TargetGroup {
    const group = this.targetGroups.get(arn);
    if (group === undefined) throw unknownTargetGroup(arn, 'the service');
    return group;
  }
}

/** Names under which clients on this machine reach a load balancer, and those that it has on AWS. */
function serverNames(resources: DeployedResources): [string, ...string[]] {
  const dnsNames = resources
    .ofType(TYPES.loadBalancer)
    .map(({ attributes }) => attributes['DNSName']);
  return ['localhost', '127.0.0.1', ...dnsNames.filter((name) => name !== undefined)];
}

function groupUser(
  loadBalancer: LoadBalancerDefinition | undefined,
  resources: DeployedResources,
): GroupUser | undefined {
  const resource = resources.find(TYPES.loadBalancer, loadBalancer?.arn ?? '');
  if (loadBalancer === undefined || resource === undefined) return undefined;
  const zones = enabledZones(resource, resources);
  return {
    idleTimeoutSeconds: loadBalancer.idleTimeoutSeconds,
    nodes: Math.max(1, zones.length),
    reachesSubnet: (id) => id === undefined || mayReachZone(zones, zoneOfSubnet(id, resources)),
  };
}

function groupArns(action: ListenerAction): string[] {
  return action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : [];
}

function unknownTargetGroup(arn: string, user: string): RehearsalError {
  return new RehearsalError(
    'TargetGroupNotFound',
    `${user} uses the target group '${arn}', which no rehearsed stack defines. Rehearse the stack that does, too.`,
  );
}
