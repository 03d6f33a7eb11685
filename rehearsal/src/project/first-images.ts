import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeployedStacks } from '../cloudformation/deployed-stacks';
import type { PipelineDefinition } from '../codepipeline/pipeline-definition';
import { parseImageReference } from '../containers/image-reference';
import type { ImageStore } from '../ecr/image-store';
import { readImageDefinitions } from '../ecs/image-definitions';
import { RehearsalError } from '../errors';
import type { FirstArtifacts } from './first-artifacts';
import { type MissingImage, missingImages, withImage, withoutContainer } from './missing-images';

export interface FirstImagesOptions {
  readonly images: ImageStore;
  readonly pipelines: readonly PipelineDefinition[];
  readonly artifacts: Pick<FirstArtifacts, 'unpack'>;
  /** Whether tasks can run images of other registries */
  readonly fetchesOutside: boolean;
  /** Images that the person said to go on without */
  readonly allowUnplayed: readonly string[];
  /** A sentence for the report */
  readonly unproven: (sentence: string) => void;
}

/**
 * Somebody has to push an image before a service can start: on AWS `cdk deploy` waits for hours
 * otherwise. Where neither deploy.sh nor an asset of the CDK app has, the operator is taken to have
 * run the build that the pipeline runs, once, on the first commit. Such images also take the place
 * of those that are fetched from elsewhere until the first release. Each is said in the report.
 * Images of other registries that no pipeline builds are left for the tasks to fetch.
 *
 * @returns the resources as their services can start
 * @throws RehearsalError `FirstImageMissing` for containers that no pipeline deploys to
 */
export async function bringFirstImages(
  resources: DeployedStacks,
  options: FirstImagesOptions,
): Promise<DeployedStacks> {
  const { images, allowUnplayed, unproven } = options;
  const lacking = missingImages(resources, images);
  makeRepositories(lacking, options);
  const unsupplied: MissingImage[] = [];
  let ready = resources;
  for (const missing of lacking) {
    if (allowUnplayed.includes(missing.image)) {
      unproven(
        `Container '${missing.container}' of service '${nameOf(missing)}' was left out, as --allow-unplayed ${missing.image} says.`,
      );
      ready = withoutContainer(ready, missing);
      continue;
    }
    const isFetched = missing.because === 'outside' && options.fetchesOutside;
    const built = await buildImage(missing, resources, options).catch((error: unknown) => {
      if (isFetched && isUnknown(error)) return undefined;
      throw error;
    });
    if (built !== undefined) ready = replace(ready, missing, built, options);
    else if (!isFetched) unsupplied.push(missing);
  }
  if (unsupplied.length > 0) throw firstImageMissing(unsupplied);
  return ready;
}

/** Builds push to repositories that are made by hand where no template has them. */
function makeRepositories(
  lacking: readonly MissingImage[],
  { images, unproven }: FirstImagesOptions,
): void {
  for (const { image, because } of lacking) {
    const name = parseImageReference(image)?.repositoryName ?? '';
    if (because !== 'unpushed' || images.hasRepository(name)) continue;
    images.createRepository(name);
    unproven(
      `No template and no script makes the ECR repository '${name}': the rehearsal took it as made by hand.`,
    );
  }
}

/** The image that the pipeline of this service would deploy; undefined when there is no such pipeline. */
async function buildImage(
  missing: MissingImage,
  resources: DeployedStacks,
  { pipelines, artifacts }: FirstImagesOptions,
): Promise<string | undefined> {
  for (const pipeline of pipelines) {
    for (const action of pipeline.stages.flatMap(({ actions }) => actions)) {
      const { ServiceName = '', FileName = 'imagedefinitions.json' } = action.configuration;
      const isHere = resources.find('AWS::ECS::Service', ServiceName) === missing.service;
      if (action.type !== 'Deploy/AWS/ECS/1' || !isHere) continue;
      const directory = await artifacts.unpack(pipeline, action.inputArtifacts[0] ?? '');
      const content = await readFile(join(directory, FileName)).catch(() => undefined);
      const read = readImageDefinitions(content, FileName);
      if (!read.valid) {
        throw new RehearsalError(
          'FirstImageFailed',
          `the first image cannot be deployed: ${read.message}`,
          { exitCode: 1 },
        );
      }
      const found = read.imageDefinitions.find(({ name }) => name === missing.container);
      if (found !== undefined) return found.imageUri;
    }
  }
  return undefined;
}

/** Gives the built image the name that the template asks for, or the template its name. */
function replace(
  resources: DeployedStacks,
  missing: MissingImage,
  built: string,
  { images, unproven }: FirstImagesOptions,
): DeployedStacks {
  const wanted = parseImageReference(missing.image);
  const source = parseImageReference(built);
  const stored =
    source?.host === images.registryHost
      ? images.findImage(source.repositoryName, source.digest ?? source.tag ?? '')
      : undefined;
  if (stored === undefined) {
    throw new RehearsalError(
      'FirstImageFailed',
      `the build of the first commit names the image '${built}' for container '${missing.container}' and has not pushed it to the registry of this account.`,
      { exitCode: 1 },
    );
  }
  const isSameRepository = wanted?.repositoryName === stored.repositoryName;
  if (missing.because === 'unpushed' && isSameRepository && wanted.tag !== undefined) {
    const { repositoryName, tag } = wanted;
    if (images.findImage(repositoryName, tag) === undefined) {
      images.putImage({ ...stored, tags: [tag] });
    }
    unproven(
      `Nothing in the repository pushes the first image '${missing.image}': the rehearsal built it with the pipeline's own build. On AWS 'cdk deploy' waits until somebody has pushed it.`,
    );
    return resources;
  }
  unproven(
    `The first image '${missing.image}' of container '${missing.container}' was not fetched: '${built}', built of the first commit, took its place.`,
  );
  return withImage(resources, missing, built);
}

const WHY: Readonly<Record<MissingImage['because'], string>> = {
  unpushed: 'has not been pushed, and no pipeline builds it',
  foreign: 'is in the ECR registry of another account or region, which a rehearsal does not have',
  outside: 'is in another registry, and without Docker nothing is fetched from outside',
};

/** Whether nobody can tell what a pipeline would build, so that it may as well build nothing. */
function isUnknown(error: unknown): boolean {
  return error instanceof RehearsalError && error.code === 'FirstImageUnknown';
}

function firstImageMissing(missing: readonly MissingImage[]): RehearsalError {
  const lines = missing.map(
    ({ container, image, because, ...rest }) =>
      `  container '${container}' of service '${nameOf(rest)}' in stack '${rest.service.stack}': '${image}' ${WHY[because]}`,
  );
  return new RehearsalError(
    'FirstImageMissing',
    [
      'tasks cannot start without these images:',
      ...lines,
      `${missing.some(({ because }) => because === 'outside') ? 'Rehearse with --engine docker, push' : 'Push'} them to this account's registry in deploy.sh, or go on without the container with --allow-unplayed IMAGE; the report will say so.`,
    ].join('\n'),
  );
}

function nameOf({ service }: Pick<MissingImage, 'service'>): string {
  return service.name ?? service.logicalId;
}
