import { REHEARSAL_ACCOUNT } from '../aws-account';
import { type CloudAssembly, declaredResources } from '../cloudformation/cloud-assembly';
import { RehearsalError } from '../errors';

/** An account and a region of it. */
export interface Place {
  readonly id: string;
  readonly region: string;
}

/** CDK apps that name no region are rehearsed in the one that the guide falls back to. */
const DEFAULT_REGION = 'ap-northeast-2';

/** What has to be in one place for a release to be played. */
const OF_A_RELEASE =
  /^AWS::(CodeBuild::Project|CodePipeline::Pipeline|ECR::Repository|ECS::Service|ElasticLoadBalancingV2::LoadBalancer)$/;

/**
 * Where the services are; apps that name no account or region get the rehearsal's own.
 *
 * @throws RehearsalError `PlacesDiffer` when a release would cross accounts or regions
 */
export function placeOf(assembly: CloudAssembly): Place {
  const released = assembly.stacks.filter((stack) =>
    declaredResources({ stacks: [stack] }).some(({ type }) => OF_A_RELEASE.test(type)),
  );
  const considered = released.length > 0 ? released : assembly.stacks;
  const place = {
    id: considered.find(({ account }) => account !== undefined)?.account ?? REHEARSAL_ACCOUNT,
    region: considered.find(({ region }) => region !== undefined)?.region ?? DEFAULT_REGION,
  };
  const elsewhere = released.find(
    ({ account = place.id, region = place.region }) =>
      account !== place.id || region !== place.region,
  );
  if (elsewhere === undefined) return place;
  const all = released.map(
    ({ displayName, account = place.id, region = place.region }) =>
      `  ${displayName}: ${account} / ${region}`,
  );
  throw new RehearsalError(
    'PlacesDiffer',
    `the stacks that a release goes through are in different accounts or regions, and a rehearsal plays one of each:\n${all.join('\n')}\nRehearse an assembly with the stacks of one place (cdk synth of that stage, then --assembly DIR).`,
  );
}
