import { RehearsalError } from '../errors';

/** An image of this account's private registry, found there and pinned to its digest. */
export interface RegistryImage {
  /** e.g. `ecs-codepipeline-practice/api` */
  readonly repositoryName: string;
  /** `sha256:…` of the manifest */
  readonly digest: string;
}

/** An image of another registry, as the Docker of this machine has it. */
export interface OutsideImage {
  /** As the task definition has it, e.g. `public.ecr.aws/nginx/nginx:1.27` */
  readonly reference: string;
  /** By which Docker finds it, also when its tag has moved on */
  readonly id: string;
  /** `sha256:…` of the manifest; the id of an image that never came from a registry */
  readonly digest: string;
}

/** An image that a task may run. */
export type TaskImage = RegistryImage | OutsideImage;

export function isOutsideImage(image: TaskImage): image is OutsideImage {
  return 'reference' in image;
}

/** Images of other registries are run by Docker alone. */
export function imageNotPlayed(reference: string): RehearsalError {
  return new RehearsalError(
    'ImageNotPlayed',
    `image '${reference}' cannot be rehearsed without Docker: it is in another registry than this account's (ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG), and nothing is fetched from outside. ` +
      `Rehearse with --engine docker, or push the image to an ECR repository in deploy.sh or in the build, and use that one.`,
  );
}
