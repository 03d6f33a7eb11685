import { type Clock, isoTime } from '../clock';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import { readServiceDefinition, type ServiceDefinition } from '../ecs/service-definition';
import type { EventStream } from '../events';
import { principalOf } from '../iam/access-control';
import type { AccessRequest } from '../iam/authorizer';
import { defaultContext } from '../iam/request-context';
import { ANY_EPHEMERAL_PORTS, type ConnectionEnd, LINUX_EPHEMERAL_PORTS } from './connection-end';
import { endpointDenial } from './endpoint-policy';
import { contains, firstAndLastHost } from './ip-ranges';
import { reachListener } from './listener-reachability';
import { inIpv6, isInIpv6 } from './ipv6-addresses';
import {
  type LoadBalancerNetwork,
  listenerPorts,
  loadBalancersOf,
  preservesClients,
  readLoadBalancerNetwork,
} from './load-balancer-network';
import type { NetworkModel, Subnet } from './network-model';
import type { Verdict } from './path-step';
import {
  endpointTo,
  reachAsClient,
  reachAwsService,
  reachInside,
  reachInternet,
} from './reachability';
import type {
  EndpointType,
  LoadBalancerReachability,
  TaskInterface,
  TaskReachability,
} from './reachability-questions';
import { readNetworkModel } from './read-network-model';
import type { TransportPort } from './transport-port';

/**
 * Who reaches whom, by the routes and rules of the templates: this machine would connect
 * everything. Answers are `undefined` when a connection gets through, else the rule or route that
 * is missing. What depends on resources that no template defines counts as reachable and is told
 * as unproven.
 */
export class Network implements TaskReachability, LoadBalancerReachability {
  private readonly model: NetworkModel;
  private readonly answers = new Map<string, string | undefined>();
  private readonly told = new Set<string>();

  /** @throws RehearsalError `PropertyInvalid` for a network that cannot be read */
  constructor(
    private readonly resources: DeployedResources,
    private readonly surroundings: {
      readonly region: string;
      readonly clock: Clock;
      readonly events: EventStream;
    },
  ) {
    this.model = readNetworkModel(resources);
  }

  barrierToAwsService(
    from: TaskInterface,
    service: string,
    endpointType: EndpointType = 'dualstack',
  ): string | undefined {
    const { region } = this.surroundings;
    const key = ['service', from.name, from.subnetId, service, endpointType].join('|');
    return this.answer(key, () =>
      reachAwsService(this.model, this.taskEnd(from), service, region, endpointType),
    );
  }

  barrierToInternet(from: TaskInterface, host: string): string | undefined {
    const key = ['internet', from.name, from.subnetId, host].join('|');
    return this.answer(key, () => reachInternet(this.model, this.taskEnd(from), host));
  }

  denialByEndpoint(
    { subnetId }: TaskInterface,
    service: string,
    { caller, action, resource }: Pick<AccessRequest, 'caller' | 'action' | 'resource'>,
  ): string | undefined {
    const subnet = this.model.subnets.get(subnetId);
    if (subnet === undefined || caller.kind === 'operator') return undefined;
    const endpoint = endpointTo(this.model, subnet, service, this.surroundings.region);
    if (endpoint === undefined) return undefined;
    const context = defaultContext(caller, resource);
    return endpointDenial(endpoint, { principal: principalOf(caller), action, resource, context });
  }

  barrierToTarget(
    targetGroupArn: string,
    target: TransportPort & { readonly id: string },
  ): string | undefined {
    const { id, protocol, port } = target;
    return this.answer(['target', targetGroupArn, id, protocol, port].join('|'), () => {
      const task = this.taskBehind(targetGroupArn, id);
      if (task === undefined) return undefined;
      const to = this.taskEnd(task);
      return loadBalancersOf(this.resources, targetGroupArn)
        .flatMap((loadBalancer) => this.loadBalancerEnds(loadBalancer))
        .map((end) => (isInIpv6(to) ? inIpv6(end) : end))
        .flatMap((from) => [
          reachInside(this.model, from, to, target),
          ...(this.showsClientsTo(targetGroupArn, protocol)
            ? [reachAsClient(this.model, from, to, target)]
            : []),
        ]);
    });
  }

  barrierToListener(listenerArn: string): string | undefined {
    return this.answer(['listener', listenerArn].join('|'), () => {
      const listener = this.resources.find('AWS::ElasticLoadBalancingV2::Listener', listenerArn);
      const loadBalancer = this.loadBalancer(String(listener?.properties['LoadBalancerArn']));
      if (listener === undefined || loadBalancer === undefined) return undefined;
      const { isInternetFacing, ipAddressType, name } = loadBalancer;
      const ends = this.loadBalancerEnds(loadBalancer);
      return listenerPorts(listener).map((port) =>
        reachListener(this.model, { name, isInternetFacing, ipAddressType, ends }, port),
      );
    });
  }

  private showsClientsTo(targetGroupArn: string, protocol: TransportPort['protocol']): boolean {
    const type = 'AWS::ElasticLoadBalancingV2::TargetGroup';
    const group = this.resources.find(type, targetGroupArn);
    return group !== undefined && preservesClients(group, protocol);
  }

  private answer(
    key: string,
    ask: () => Verdict | readonly Verdict[] | undefined,
  ): string | undefined {
    if (this.answers.has(key)) return this.answers.get(key);
    const verdicts = [ask() ?? []].flat();
    const barrier = verdicts.find((verdict) => !verdict.reachable)?.missing;
    this.answers.set(key, barrier);
    if (barrier !== undefined) this.tell('progress', `network: ${barrier}`);
    for (const verdict of verdicts) {
      if (!verdict.reachable) continue;
      for (const why of verdict.unproven) this.tell('unproven', why);
    }
    return barrier;
  }

  private tell(kind: 'progress' | 'unproven', message: string): void {
    if (this.told.has(message)) return;
    this.told.add(message);
    const { clock, events } = this.surroundings;
    events.emit({ kind, time: isoTime(clock.now()), message });
  }

  private taskEnd(task: TaskInterface): ConnectionEnd {
    const subnet = this.model.subnets.get(task.subnetId);
    const block = subnet?.ipv6Native ? subnet.ipv6CidrBlock : subnet?.cidrBlock;
    return {
      name: task.name,
      subnet,
      // A subnet that no template defines has addresses that nobody knows.
      addresses: block === undefined ? [] : [task.address ?? firstAndLastHost(block)].flat(),
      securityGroupIds: this.groupsOrDefault(task.securityGroupIds, subnet?.vpc),
      // Addresses of IPv6 are public by themselves.
      hasPublicAddress: task.assignPublicIp || subnet?.ipv6Native === true,
      ephemeralPorts: LINUX_EPHEMERAL_PORTS,
    };
  }

  private loadBalancerEnds(loadBalancer: LoadBalancerNetwork): ConnectionEnd[] {
    return loadBalancer.subnetIds.map((id) => {
      const subnet = this.model.subnets.get(id);
      const ids = loadBalancer.securityGroupIds;
      return {
        name: loadBalancer.name,
        subnet,
        addresses: firstAndLastHost(subnet?.cidrBlock ?? ''),
        securityGroupIds: ids === undefined ? undefined : this.groupsOrDefault(ids, subnet?.vpc),
        hasPublicAddress: loadBalancer.isInternetFacing,
        ephemeralPorts: ANY_EPHEMERAL_PORTS,
      };
    });
  }

  private groupsOrDefault(
    ids: readonly string[],
    vpc: { readonly defaultSecurityGroupId: string } | undefined,
  ): readonly string[] {
    return ids.length > 0 ? ids : [vpc?.defaultSecurityGroupId ?? 'default'];
  }

  /** The task that has an address, by the service that registers its tasks in the group. */
  private taskBehind(targetGroupArn: string, address: string): TaskInterface | undefined {
    const service = this.services().find(({ loadBalancers }) =>
      loadBalancers.some((one) => one.targetGroupArn === targetGroupArn),
    );
    if (service === undefined) return undefined;
    const subnetId = service.subnets.find((id) =>
      blocksOf(this.model.subnets.get(id)).some((block) => contains(block, address)),
    );
    return {
      name: `a task of service '${service.serviceName}'`,
      subnetId: subnetId ?? service.subnets[0] ?? '',
      address,
      securityGroupIds: service.securityGroups,
      assignPublicIp: service.assignPublicIp,
    };
  }

  private services(): readonly ServiceDefinition[] {
    return this.resources.ofType('AWS::ECS::Service').map(readServiceDefinition);
  }

  private loadBalancer(arn: string): LoadBalancerNetwork | undefined {
    const resource = this.resources.find('AWS::ElasticLoadBalancingV2::LoadBalancer', arn);
    return resource === undefined ? undefined : readLoadBalancerNetwork(resource);
  }
}

function blocksOf(subnet: Subnet | undefined): readonly string[] {
  return [subnet?.cidrBlock ?? [], subnet?.ipv6CidrBlock ?? []].flat();
}
