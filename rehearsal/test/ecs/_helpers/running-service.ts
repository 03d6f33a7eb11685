import { ecsAccount, repository, serviceResource } from './ecs-account';

export const twoMinutes = 120_000;

/** An account whose service has reached its steady state, after two minutes. */
export async function runningService(
  options: Parameters<typeof ecsAccount>[0] = {},
  service: Record<string, unknown> = {},
) {
  const ecs = ecsAccount(options);
  ecs.controlPlane.createService(serviceResource(service));
  await ecs.clock.advance(twoMinutes);
  return ecs;
}

/** Registers the next revision with another image and points the service at it. */
export function release(ecs: ReturnType<typeof ecsAccount>, image = `${repository}:two`) {
  const { definition } = ecs.controlPlane.describeTaskDefinition(ecs.describe().taskDefinition);
  const { taskDefinitionArn } = ecs.controlPlane.registerTaskDefinition({
    ...definition,
    containerDefinitions: definition.containerDefinitions.map((one) => ({ ...one, image })),
  });
  return ecs.controlPlane.updateService({
    cluster: 'practice',
    service: 'api-service',
    taskDefinition: taskDefinitionArn,
  });
}
