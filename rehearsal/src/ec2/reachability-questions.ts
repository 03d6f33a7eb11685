import type { AccessRequest } from '../iam/authorizer';
import type { TransportPort } from './transport-port';

/**
 * The network interface of a task, as the service's `AwsvpcConfiguration` has it, or of a build, as
 * the project's `VpcConfig` does.
 */
export interface TaskInterface {
  /** For people, e.g. `a task of service 'api'` */
  readonly name: string;
  readonly subnetId: string;
  /**
   * Its private IPv4 address, or that of IPv6 in a subnet without IPv4.
   *
   * @default any of the subnet
   */
  readonly address?: string;
  /** Empty for the default one of the VPC */
  readonly securityGroupIds: readonly string[];
  readonly assignPublicIp: boolean;
}

/** Whether a name of a service has addresses of IPv4 alone, or of IPv6 too. */
export type EndpointType = 'ipv4' | 'dualstack';

/** What ECS asks of the network. */
export interface TaskReachability {
  /**
   * @param service as VPC endpoints call it: `ecr.api`, `ecr.dkr`, `s3`, `logs`, `ssm`, …
   * @param endpointType of the name that is asked for from where there is no IPv4.
   *   @default dualstack
   * @returns the route or rule that is missing; undefined when the service can be reached
   */
  barrierToAwsService(
    from: TaskInterface,
    service: string,
    endpointType?: EndpointType,
  ): string | undefined;
  /**
   * The same for a host that no VPC endpoint leads to, by HTTPS.
   *
   * @param host e.g. `public.ecr.aws`
   */
  barrierToInternet(from: TaskInterface, host: string): string | undefined;
  /**
   * Whether the policy of the VPC endpoint that leads to the service lets a call through.
   *
   * @returns why it does not, in the words of AWS; undefined when it does
   */
  denialByEndpoint(
    from: TaskInterface,
    service: string,
    call: Pick<AccessRequest, 'caller' | 'action' | 'resource'>,
  ): string | undefined;
}

/** What load balancers ask of the network. */
export interface LoadBalancerReachability {
  /**
   * Between the load balancers that use a target group and a target in it.
   *
   * @returns the route or rule that is missing; undefined when connections, or datagrams, get through
   */
  barrierToTarget(
    targetGroupArn: string,
    target: TransportPort & { readonly id: string },
  ): string | undefined;
  /** The same between clients and a listener. */
  barrierToListener(listenerArn: string): string | undefined;
}
