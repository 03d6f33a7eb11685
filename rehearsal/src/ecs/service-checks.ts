import type { DeployedResources } from '../cloudformation/deployed-resource';
import { RehearsalError } from '../errors';
import type { ContainerDefinition } from './container-definition';
import type { ServiceDefinition } from './service-definition';
import type { TaskDefinition } from './task-definition';

/**
 * What CreateService refuses, in its words.
 *
 * @throws RehearsalError `ServiceNotCreated`
 */
export function checkLoadBalancers(service: ServiceDefinition, task: TaskDefinition): void {
  for (const { containerName, containerPort } of service.loadBalancers) {
    const container = task.containerDefinitions.find(({ name }) => name === containerName);
    const problem =
      container === undefined
        ? `The container ${containerName} does not exist in the task definition.`
        : problemOf(container, containerPort);
    if (problem !== undefined) {
      throw new RehearsalError(
        'ServiceNotCreated',
        `ECS would refuse service '${service.serviceName}': ${problem} Correct its LoadBalancers or the task definition's PortMappings.`,
      );
    }
  }
}

/** The second of them: https://github.com/aws/amazon-ecs-agent/issues/3428 */
function problemOf(
  { name, containerPorts }: ContainerDefinition,
  containerPort: number,
): string | undefined {
  const mappings = containerPorts.filter((port) => port === containerPort).length;
  if (mappings === 1) return undefined;
  return mappings === 0
    ? `The container ${name} did not have a container port ${containerPort} defined.`
    : `Container port ${containerPort} is used in more than one port mapping for container ${name}.`;
}

/**
 * On AWS every port of a task can be checked, here only those that its containers publish: a check
 * of another one would fail for a reason of this machine.
 *
 * @throws RehearsalError `HealthCheckPortNotPlayed`
 */
export function checkHealthCheckPorts(
  service: ServiceDefinition,
  task: TaskDefinition,
  resources: DeployedResources,
): void {
  const published = task.containerDefinitions.flatMap(({ containerPorts }) => containerPorts);
  for (const { targetGroupArn } of service.loadBalancers) {
    const group = resources.find('AWS::ElasticLoadBalancingV2::TargetGroup', targetGroupArn);
    const port = group?.properties['HealthCheckPort'] ?? 'traffic-port';
    if (port === 'traffic-port' || published.includes(Number(port))) continue;
    throw new RehearsalError(
      'HealthCheckPortNotPlayed',
      `target group '${group?.logicalId ?? ''}' checks the tasks of service '${service.serviceName}' on port ${Number(port)}, which no container publishes (published: ${published.join(', ') || 'none'}). Add it to the PortMappings of the container that listens there.`,
    );
  }
}
