import type { TargetHealth } from '../elbv2/target-registrar';
import type { EcsDependencies } from './ecs-dependencies';
import type { ServiceLoadBalancer } from './service-definition';
import type { TaskContainers } from './task-containers';
import type { TaskNetworkInterface } from './task-network';

/** How often a draining target is looked at when no event tells. */
const POLL_MS = 1000;

/** The places of one task in the target groups of its service. */
export class TaskTargets {
  private registered: readonly { readonly targetGroupArn: string; readonly port: number }[] = [];

  constructor(
    private readonly networkInterface: TaskNetworkInterface,
    private readonly loadBalancers: readonly ServiceLoadBalancer[],
    private readonly deps: Pick<EcsDependencies, 'targets' | 'events' | 'clock'>,
  ) {}

  get areRegistered(): boolean {
    return this.registered.length > 0;
  }

  /** Health of the task in each of its target groups. */
  get health(): readonly (TargetHealth & { readonly targetGroupArn: string })[] {
    return this.registered.map(({ targetGroupArn, port }) => ({
      ...this.deps.targets.targetHealth(targetGroupArn, { id: this.address, port }),
      targetGroupArn,
    }));
  }

  register(containers: TaskContainers): void {
    this.registered = this.loadBalancers.flatMap((loadBalancer) => {
      const { targetGroupArn, containerName, containerPort } = loadBalancer;
      const hostPort = containers.hostPort(containerName, containerPort);
      const udpPort = containers.udpHostPort(containerName, containerPort);
      // Docker takes the ports back from a container that has ended, and the task is about to.
      if (hostPort === undefined) return [];
      this.deps.targets.registerTarget(targetGroupArn, {
        id: this.address,
        port: containerPort,
        address: { host: '127.0.0.1', port: hostPort },
        ...(udpPort !== undefined && { udpPort }),
        otherPorts: containers.hostPorts,
        subnetId: this.networkInterface.subnetId,
      });
      return [{ targetGroupArn, port: containerPort }];
    });
  }

  deregister(): void {
    for (const { targetGroupArn, port } of this.registered) {
      this.deps.targets.deregisterTarget(targetGroupArn, { id: this.address, port });
    }
  }

  /** Resolves when no target group holds the task any more, or when `signal` aborts. */
  async unused(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.health.some(({ state }) => state !== 'unused')) {
      const woken = new AbortController();
      const unsubscribe = this.deps.events.subscribe(({ kind }) => {
        if (kind === 'target-health') woken.abort();
      });
      await this.deps.clock.wait(POLL_MS, AbortSignal.any([signal, woken.signal]));
      unsubscribe();
    }
  }

  private get address(): string {
    return this.networkInterface.address;
  }
}
