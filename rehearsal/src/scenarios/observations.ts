import type { AwsAccount } from '../aws-account';
import type { CloudAssembly } from '../cloudformation/cloud-assembly';
import type { EcsControlPlane } from '../ecs/ecs-control-plane';

/** Names, as `host/repository:tag`, of the images that were pushed at `since` or later. */
export function imagesPushedSince({ images }: AwsAccount, since: number): string[] {
  return images.listRepositories().flatMap(({ name, uri }) =>
    images
      .listImages(name)
      .filter(({ pushedAt }) => pushedAt >= since)
      .flatMap(({ tags }) => tags.map((tag) => `${uri}:${tag}`)),
  );
}

/** SSM parameters that the templates read when they are deployed, and that hold `value`. */
export function parametersHolding(
  { parameters }: AwsAccount,
  assembly: CloudAssembly,
  value: string | undefined,
): string[] {
  const read = assembly.stacks.flatMap(({ template }) =>
    Object.values(template.Parameters)
      .filter(({ Type }) => Type.startsWith('AWS::SSM::Parameter::Value<'))
      .map(({ Default }) => String(Default)),
  );
  return [...new Set(read)].filter(
    (name) => value !== undefined && parameters.find(name)?.value === value,
  );
}

/** ARN of the revision behind a target `10.0.1.17:3000`. */
export function taskDefinitionOf(ecs: EcsControlPlane, target: string): string | undefined {
  const [address] = target.split(':');
  return ecs.tasks().find((task) => task.networkInterface.privateIPv4Address === address)
    ?.taskDefinition.taskDefinitionArn;
}

/** ARN of the revision of each task that is RUNNING. */
export function runningRevisions(ecs: EcsControlPlane): string[] {
  return ecs
    .tasks()
    .filter(({ lastStatus }) => lastStatus === 'RUNNING')
    .map(({ taskDefinition }) => taskDefinition.taskDefinitionArn);
}
