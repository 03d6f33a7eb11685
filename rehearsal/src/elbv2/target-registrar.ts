/** A task's place in a target group of type `ip`. */
export interface Target {
  /** The task's private address, e.g. `10.0.1.17` */
  readonly id: string;
  readonly port: number;
  /** Where that address really is on this machine */
  readonly address: { readonly host: string; readonly port: number };
  /** Port of that host at which it takes datagrams. @default none */
  readonly udpPort?: number;
  /**
   * Where its other ports really are, for health checks that do not use the traffic port.
   * @default only the traffic port can be reached
   */
  readonly otherPorts?: ReadonlyMap<number, number>;
  /** Subnet of its network interface, which tells the Availability Zone. @default not known */
  readonly subnetId?: string;
  /**
   * Ports at which no connection of the load balancer arrives, each with the route or rule that is
   * missing.
   * @default none
   */
  readonly unreachablePorts?: ReadonlyMap<number, string>;
  /** Whether no datagram of the load balancer arrives. @default false */
  readonly isUnreachableByUdp?: boolean;
}

export interface TargetHealth {
  readonly state:
    | 'initial'
    | 'healthy'
    | 'unhealthy'
    | 'unhealthy.draining'
    | 'draining'
    | 'unused'
    | 'unavailable';
  /** e.g. `Target.ResponseCodeMismatch` */
  readonly reason?: string;
  /** e.g. `Health checks failed with these codes: [500]` */
  readonly description?: string;
}

/** What ECS needs of the load balancer. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html */
export interface TargetRegistrar {
  registerTarget(targetGroupArn: string, target: Target): void;
  /** Starts draining; the state is `draining` until the deregistration delay is over, then `unused` */
  deregisterTarget(targetGroupArn: string, target: Pick<Target, 'id' | 'port'>): void;
  /** `unused` with `Target.NotRegistered` for a target that is not (or no longer) there */
  targetHealth(targetGroupArn: string, target: Pick<Target, 'id' | 'port'>): TargetHealth;
}
