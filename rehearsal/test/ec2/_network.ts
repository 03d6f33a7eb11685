import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import { Network } from '../../src/ec2/network';
import type { EndpointType } from '../../src/ec2/reachability-questions';
import type { TransportPort } from '../../src/ec2/transport-port';
import { deployTemplate } from '../cloudformation/deploy-template';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

export type Resources = Record<string, Resource>;

export const APP_PORT = 3000;
export const REGISTRY = ['ecr.api', 'ecr.dkr', 's3', 'logs'];

/** The network, load balancer and service that this repository's CDK app synthesizes. */
export function practice(egress: 'single-nat' | 'nat-per-az' | 'public-ip'): Resources {
  const directory = dirname(fileURLToPath(import.meta.url));
  const file = join(directory, 'fixtures', `${egress}.template.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { Resources: Resources }).Resources;
}

/** The only resource of a type whose logical id begins with `prefix`. */
export function find(resources: Resources, type: string, prefix = ''): Resource {
  const found = Object.entries(resources).filter(
    ([id, { Type }]) => Type.endsWith(`::${type}`) && id.startsWith(prefix),
  );
  if (found.length !== 1) throw new Error(`${found.length} resources are ${type} ${prefix}…`);
  return found[0]![1];
}

/** Without the resources of a type whose logical id begins with `prefix`. */
export function without(resources: Resources, type: string, prefix = ''): Resources {
  return Object.fromEntries(
    Object.entries(resources).filter(
      ([id, { Type }]) => !(Type.endsWith(`::${type}`) && id.startsWith(prefix)),
    ),
  );
}

/** Deploys the resources and asks their network. */
export function deployNetwork(resources: Resources) {
  const { stream, events } = recordingEvents();
  const stacks = new DeployedStacks([deployTemplate({ Resources: resources })]);
  const network = new Network(stacks, {
    region: 'eu-west-1',
    clock: new ManualClock(),
    events: stream,
  });
  const only = (type: string) => stacks.ofType(type)[0]!;
  const service = only('AWS::ECS::Service').properties as {
    LoadBalancers: { TargetGroupArn: string }[];
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        Subnets: string[];
        SecurityGroups?: string[];
        AssignPublicIp?: string;
      };
    };
  };
  const { Subnets, SecurityGroups, AssignPublicIp } =
    service.NetworkConfiguration.AwsvpcConfiguration;
  const address = (subnetId: string) => {
    const { CidrBlock: block, Ipv6CidrBlock: ipv6Block } =
      stacks.find('AWS::EC2::Subnet', subnetId)?.properties ?? {};
    if (block === undefined && typeof ipv6Block === 'string')
      return ipv6Block.replace('::/64', '::17');
    return (typeof block === 'string' ? block : '10.0.0.0/24').replace(/\.0\/\d+$/, '.17');
  };
  const taskIn = (subnetId: string) => ({
    name: "a task of service 'api-service'",
    subnetId,
    address: address(subnetId),
    securityGroupIds: SecurityGroups ?? [],
    assignPublicIp: AssignPublicIp === 'ENABLED',
  });
  return {
    network,
    /** What the policy of the endpoint to a service has against a call of a role */
    denialOf: (name: string, action: string, resource: string, roleArn: string) =>
      network.denialByEndpoint(taskIn(Subnets[0]!), name, {
        caller: { kind: 'role', roleArn, sessionName: 'task' },
        action,
        resource,
      }),
    /** What stops a task, in any of its subnets, from reaching a service of AWS */
    toService: (name: string, endpointType?: EndpointType) =>
      Subnets.map((subnetId) =>
        network.barrierToAwsService(taskIn(subnetId), name, endpointType),
      ).find((barrier) => barrier !== undefined),
    /** What stops a task, in any of its subnets, from reaching a host on the internet */
    toInternet: (host: string) =>
      Subnets.map((subnetId) => network.barrierToInternet(taskIn(subnetId), host)).find(
        (barrier) => barrier !== undefined,
      ),
    /** What stops the load balancer from reaching a task in any of the service's subnets */
    toTarget: (port = APP_PORT, protocol: TransportPort['protocol'] = 'tcp') =>
      Subnets.map((subnetId) =>
        network.barrierToTarget(service.LoadBalancers[0]!.TargetGroupArn, {
          id: address(subnetId),
          protocol,
          port,
        }),
      ).find((barrier) => barrier !== undefined),
    toListener: () =>
      network.barrierToListener(only('AWS::ElasticLoadBalancingV2::Listener').physicalId),
    unproven: () => events.flatMap((event) => (event.kind === 'unproven' ? [event.message] : [])),
    told: () => events.flatMap((event) => (event.kind === 'progress' ? [event.message] : [])),
  };
}

/** Every barrier of a network that should have none. */
export function allBarriers(resources: Resources): (string | undefined)[] {
  const { toService, toTarget, toListener } = deployNetwork(resources);
  return [
    ...[...REGISTRY, 'ssm', 'secretsmanager'].map((name) => toService(name)),
    toTarget(),
    toListener(),
  ].filter((barrier) => barrier !== undefined);
}
