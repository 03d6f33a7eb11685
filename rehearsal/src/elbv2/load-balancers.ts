import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import type { LoadBalancerReachability } from '../ec2/reachability-questions';
import { tcp, type TransportPort, udp } from '../ec2/transport-port';
import type { EventStream } from '../events';
import type { AccessLogRecord } from './access-log';
import type { ConnectionCounts } from './connection-counts';
import { enabledZones, mayReachZone, zoneOfSubnet } from './enabled-zones';
import { groupArns } from './listener-action';
import { listenerTls } from './listener-tls';
import type { LoadBalancerDefinition } from './load-balancer-definition';
import { UnreachableListener } from './lost-packets';
import { NetworkListener } from './network-listener';
import { type Protocol, takesDatagrams } from './protocols';
import {
  actionsOf,
  ELBV2_TYPES,
  type ListenerOfLoadBalancer,
  readLoadBalancers,
  unknownTargetGroup,
} from './read-load-balancers';
import { ReverseProxy } from './reverse-proxy';
import { type GroupUser, TargetGroup } from './target-group';
import type { Target, TargetHealth, TargetRegistrar } from './target-registrar';

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
  readonly listenerProtocol: Protocol;
  readonly host: string;
  readonly port: number;
  /** Why clients cannot connect, as on AWS; undefined when they can */
  readonly barrier: string | undefined;
  /** Groups that its default action or a rule of it forwards to */
  readonly targetGroupArns: readonly string[];
  /** PEM of all certificates of an HTTPS or TLS listener: what its clients must trust */
  readonly certificate: string | undefined;
}

/** All load balancers of the deployed stacks, as local proxies. */
export class LoadBalancers implements TargetRegistrar {
  private constructor(
    private readonly resources: DeployedResources,
    private readonly targetGroups: ReadonlyMap<string, TargetGroup>,
    private readonly proxies: readonly (ListenerOfLoadBalancer & {
      readonly barrier: string | undefined;
      readonly certificate: string | undefined;
      readonly proxy: ReverseProxy | NetworkListener | UnreachableListener;
    })[],
    private readonly usedBy: ReadonlyMap<string, LoadBalancerDefinition>,
    private readonly network: LoadBalancerReachability | undefined,
    private readonly unproven: (message: string) => void,
  ) {}

  /**
   * Reads every definition, then listens on 127.0.0.1 for each listener.
   *
   * @throws RehearsalError see `readLoadBalancers`
   */
  static async start(
    resources: DeployedResources,
    { clock, events, onRequest, network }: LoadBalancersOptions,
  ): Promise<LoadBalancers> {
    const { listeners, usedBy, unplayed, ...definitions } = readLoadBalancers(resources);
    const told = new Set<string>();
    const unproven = (message: string) => {
      if (told.has(message)) return;
      told.add(message);
      events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
    };
    for (const message of unplayed) unproven(message);
    const targetGroups = new Map(
      definitions.targetGroups.map((definition) => {
        const loadBalancer = groupUser(usedBy.get(definition.arn), resources);
        return [definition.arn, new TargetGroup(definition, { clock, events, loadBalancer })];
      }),
    );
    const proxies = await Promise.all(
      listeners.map(async (one) => {
        const barrier = network?.barrierToListener(one.listener.arn);
        if (barrier !== undefined && takesDatagrams(one.listener.protocol)) {
          unproven(lostDatagrams(`the listener at port ${one.listener.port}`, barrier));
        }
        const tls =
          one.certificates.length === 0
            ? undefined
            : listenerTls(one.certificates, serverNames(resources), Date.now());
        const zones = zonesOf(one.loadBalancer, resources);
        const options = { ...one, targetGroups, tls, zones, clock, onRequest };
        const certificate = barrier === undefined ? tls?.certificate : undefined;
        const proxy =
          one.loadBalancer.type === 'network'
            ? await NetworkListener.start({ ...options, barrier })
            : barrier === undefined
              ? await ReverseProxy.start(options)
              : await UnreachableListener.start();
        return { ...one, barrier, proxy, certificate };
      }),
    );
    return new LoadBalancers(resources, targetGroups, proxies, usedBy, network, unproven);
  }

  /**
   * The listeners of a load balancer (by ARN, name or DNS name), or one listener by ARN; empty when
   * there is none.
   */
  addressOf(loadBalancerOrListener: string): ListenerAddress[] {
    const loadBalancerArn = this.resources
      .ofType(ELBV2_TYPES.loadBalancer)
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
    return this.proxies.map(({ listener, rules, barrier, proxy, certificate }) => ({
      loadBalancerArn: listener.loadBalancerArn,
      listenerArn: listener.arn,
      listenerPort: listener.port,
      listenerProtocol: listener.protocol,
      barrier,
      targetGroupArns: actionsOf({ listener, rules }).flatMap(groupArns),
      ...proxy.address,
      certificate,
    }));
  }

  registerTarget(targetGroupArn: string, target: Target): void {
    const group = this.targetGroup(targetGroupArn);
    const { name, protocol, healthCheck } = group.definition;
    const barrierTo = (port: TransportPort) =>
      this.network?.barrierToTarget(targetGroupArn, { id: target.id, ...port });
    const checked = healthCheck.port === 'traffic-port' ? target.port : Number(healthCheck.port);
    const ports = protocol === 'UDP' ? [checked] : [...new Set([target.port, checked])];
    const unreachable = ports.flatMap((port): [number, string][] => {
      const barrier = barrierTo(tcp(port));
      return barrier === undefined ? [] : [[port, barrier]];
    });
    const udpBarrier = takesDatagrams(protocol) ? barrierTo(udp(target.port)) : undefined;
    if (udpBarrier !== undefined)
      this.unproven(lostDatagrams(`target group '${name}'`, udpBarrier));
    group.register({
      ...target,
      unreachablePorts: new Map(unreachable),
      isUnreachableByUdp: udpBarrier !== undefined,
    });
  }

  deregisterTarget(targetGroupArn: string, target: Pick<Target, 'id' | 'port'>): void {
    this.targetGroup(targetGroupArn).deregister(target);
  }

  targetHealth(targetGroupArn: string, target: Pick<Target, 'id' | 'port'>): TargetHealth {
    return this.targetGroup(targetGroupArn).health(target);
  }

  /** Connections and bytes of every load balancer since the last look. */
  connections(): readonly ConnectionCounts[] {
    const counts = new Map<string, ConnectionCounts>();
    const add = (loadBalancerArn: string, active: number, opened: number, bytes: number) => {
      const known = counts.get(loadBalancerArn) ?? { active: 0, opened: 0, bytes: 0 };
      counts.set(loadBalancerArn, {
        loadBalancerArn,
        active: known.active + active,
        opened: known.opened + opened,
        bytes: known.bytes + bytes,
      });
    };
    for (const { listener, proxy } of this.proxies) {
      const { active, opened, bytes } = proxy.look();
      add(listener.loadBalancerArn, active, opened, bytes);
    }
    for (const [arn, { arn: loadBalancerArn }] of this.usedBy) {
      const { active = 0, opened = 0 } = this.targetGroups.get(arn)?.lookAtConnections() ?? {};
      add(loadBalancerArn, active, opened, 0);
    }
    return [...counts.values()];
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

/** Nothing fails of it, so it has to be said. */
function lostDatagrams(where: string, barrier: string): string {
  return `on AWS no datagram would arrive at ${where}: ${barrier}`;
}

/** Names under which clients on this machine reach a load balancer, and those that it has on AWS. */
function serverNames(resources: DeployedResources): string[] {
  const dnsNames = resources
    .ofType(ELBV2_TYPES.loadBalancer)
    .map(({ attributes }) => attributes['DNSName']);
  return ['localhost', '127.0.0.1', ...dnsNames.filter((name) => name !== undefined)];
}

function groupUser(
  loadBalancer: LoadBalancerDefinition | undefined,
  resources: DeployedResources,
): GroupUser | undefined {
  if (loadBalancer === undefined) return undefined;
  const zones = zonesOf(loadBalancer, resources);
  const zoneOf = (id: string | undefined) =>
    id === undefined ? undefined : zoneOfSubnet(id, resources);
  return {
    idleTimeoutSeconds: loadBalancer.idleTimeoutSeconds,
    nodes: Math.max(1, zones.length),
    reachesSubnet: (id) => mayReachZone(zones, zoneOf(id)),
    zoneOf,
  };
}

function zonesOf(
  { arn }: LoadBalancerDefinition,
  resources: DeployedResources,
): readonly (string | undefined)[] {
  const resource = resources.find(ELBV2_TYPES.loadBalancer, arn);
  return resource === undefined ? [] : enabledZones(resource, resources);
}
