import type { RehearsalError } from '../errors';
import type { Deployment } from './deployment';
import type { EcsDependencies } from './ecs-dependencies';
import type { ServiceState, ServiceTask } from './service-state';
import { Task } from './task';
import type { TaskNetwork } from './task-network';
import { newTaskRecord } from './task-record';

/** What a service's tasks are launched for. */
export interface LaunchHandlers {
  /** After every change of a task or of one of its containers */
  readonly onChange: (task: Task) => void;
  /** A task that cannot be rehearsed, which is not how it would fail on AWS */
  readonly onUnplayable: (error: RehearsalError) => void;
}

/** Launches the tasks of one service, each with an address of its own, spread over the zones. */
export class TaskLauncher {
  constructor(
    private readonly state: ServiceState,
    private readonly clusterArn: string,
    private readonly network: TaskNetwork,
    private readonly deps: EcsDependencies,
    private readonly handlers: LaunchHandlers,
  ) {}

  /** The task is among those of the service before anything happens to it. */
  launch(deployment: Deployment): ServiceTask {
    const { definition, tasks } = this.state;
    const networkInterface = this.network.attach(definition.subnets, this.zonesOf(deployment));
    const record = newTaskRecord({
      clusterArn: this.clusterArn,
      taskDefinition: deployment.taskDefinition,
      group: `service:${definition.serviceName}`,
      startedBy: deployment.id,
      platformVersion: definition.platformVersion,
      networkInterface,
      createdAt: this.deps.clock.now(),
    });
    const reachesFrom = {
      name: `a task of service '${definition.serviceName}'`,
      subnetId: networkInterface.subnetId,
      address: networkInterface.address,
      securityGroupIds: definition.securityGroups,
      assignPublicIp: definition.assignPublicIp,
    };
    const { imagePins } = deployment;
    const { loadBalancers } = definition;
    const task = new Task(
      { record, reachesFrom, imagePins, loadBalancers, ...this.handlers },
      this.deps,
    );
    const entry: ServiceTask = {
      task,
      deployment,
      wasRunning: false,
      wasHealthy: false,
      settled: false,
      inGracePeriod: definition.healthCheckGracePeriodSeconds > 0,
      endIsKnown: false,
    };
    tasks.push(entry);
    return entry;
  }

  /** Availability Zones of the deployment's tasks. */
  private zonesOf(deployment: Deployment): readonly string[] {
    return this.state.tasks
      .filter((entry) => entry.deployment === deployment)
      .filter(({ task }) => task.record.desiredStatus === 'RUNNING')
      .map(({ task }) => task.record.networkInterface.availabilityZone);
  }
}
