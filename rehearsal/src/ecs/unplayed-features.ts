import type { ServiceDefinition } from './service-definition';
import type { TaskDefinition } from './task-definition';

/**
 * What a service asks for that a rehearsal cannot show, one sentence each, for the report. What
 * would change the outcome is refused where the definitions are read.
 */
export function unplayedFeatures(
  service: Pick<ServiceDefinition, 'serviceName' | 'capacityProviders' | 'alarms'>,
  task: Pick<TaskDefinition, 'containerDefinitions'>,
  has: { readonly alarmStates: boolean; readonly ipv4: boolean },
): string[] {
  const { serviceName, capacityProviders, alarms } = service;
  return [
    ...(capacityProviders.includes('FARGATE_SPOT')
      ? [
          `service '${serviceName}' runs on FARGATE_SPOT: tasks run on this machine, whose capacity nobody takes back unless a scenario does`,
        ]
      : []),
    ...(alarms !== undefined && !has.alarmStates
      ? [
          `service '${serviceName}' lets alarms stop deployments (${alarms.alarmNames.join(', ')}), which is not played`,
        ]
      : []),
    ...(has.ipv4
      ? []
      : [
          `the tasks of service '${serviceName}' have no IPv4 on AWS; here they are reached by 127.0.0.1, so nothing shows that their programs listen on IPv6 (::)`,
        ]),
    ...(task.containerDefinitions.length > 1
      ? [
          `the containers of a task of service '${serviceName}' reach each other at localhost on AWS, where they share a network interface; here each has a localhost of its own`,
        ]
      : []),
    ...task.containerDefinitions.flatMap(({ name, otherUlimits }) =>
      otherUlimits.map(
        (limit) =>
          `container '${name}' of service '${serviceName}' sets the limit '${limit}', which is not played: Fargate documents 'nofile' alone`,
      ),
    ),
    ...task.containerDefinitions.flatMap(({ name, logConfiguration }) => {
      const container = `container '${name}' of service '${serviceName}'`;
      if (logConfiguration === undefined)
        return [
          `${container} has no LogConfiguration: AWS keeps none of its output, a rehearsal shows it`,
        ];
      return logConfiguration.logDriver === 'awslogs'
        ? []
        : [
            `${container} sends its output to the log driver '${logConfiguration.logDriver}', which is not played; a rehearsal shows the output`,
          ];
    }),
  ];
}
