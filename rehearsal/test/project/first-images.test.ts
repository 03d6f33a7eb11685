import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployedStacks } from '../../src/cloudformation/deployed-stacks';
import type { PipelineDefinition } from '../../src/codepipeline/pipeline-definition';
import { ImageStore } from '../../src/ecr/image-store';
import { RehearsalError } from '../../src/errors';
import { bringFirstImages, type FirstImagesOptions } from '../../src/project/first-images';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { deployTemplate } from '../cloudformation/deploy-template';

const scratch = scratchDirectory();
const sidecar = 'public.ecr.aws/nginx/nginx:1';

/** Deploys the last artifact of a pipeline to the service. */
const pipeline = {
  stages: [
    {
      actions: [
        {
          type: 'Deploy/AWS/ECS/1',
          configuration: { ServiceName: 'web' },
          inputArtifacts: ['Built'],
        },
      ],
    },
  ],
} as unknown as PipelineDefinition;

/** Brings the first images of a service that has one container for each image. */
function bring(images: readonly string[], options: Partial<FirstImagesOptions> = {}) {
  const store = new ImageStore(
    '000000000000',
    'eu-west-1',
    new ManualClock(),
    recordingEvents().stream,
  );
  store.createRepository('web');
  store.putImage({ repositoryName: 'web', digest: 'sha256:11', tags: ['built'], size: 1 });
  const stacks = new DeployedStacks([
    deployTemplate({
      Resources: {
        Task: {
          Type: 'AWS::ECS::TaskDefinition',
          Properties: {
            ContainerDefinitions: images.map((Image, index) => ({ Name: `c${index}`, Image })),
          },
        },
        Service: {
          Type: 'AWS::ECS::Service',
          Properties: { ServiceName: 'web', TaskDefinition: { Ref: 'Task' } },
        },
      },
    }),
  ]);
  const said: string[] = [];
  const ready = bringFirstImages(stacks, {
    images: store,
    pipelines: [],
    artifacts: { unpack: () => Promise.reject(new Error('nothing is built here')) },
    fetchesOutside: true,
    allowUnplayed: [],
    unproven: (sentence) => said.push(sentence),
    ...options,
  });
  const imagesOf = (resources: DeployedStacks) =>
    (
      resources.ofType('AWS::ECS::TaskDefinition')[0]!.properties['ContainerDefinitions'] as {
        Image: string;
      }[]
    ).map(({ Image }) => Image);
  return { images: ready.then(imagesOf), said };
}

test('an image of another registry is left for the tasks to fetch, where they can', async () => {
  const { images, said } = bring([sidecar]);

  expect(await images).toEqual([sidecar]);
  expect(said).toEqual([]);
});

test('it is refused with the ways to go on where they cannot', async () => {
  const { images } = bring([sidecar], { fetchesOutside: false });

  await expect(images).rejects.toThrow(
    /'public\.ecr\.aws\/nginx\/nginx:1' is in another registry, and without Docker nothing .*\n.*--engine docker.*--allow-unplayed IMAGE/,
  );
});

test('it is left out when the person says so, also where tasks could fetch it', async () => {
  const built = '000000000000.dkr.ecr.eu-west-1.amazonaws.com/web:built';
  const { images, said } = bring([sidecar, built], { allowUnplayed: [sidecar] });

  expect(await images).toEqual([built]);
  expect(said).toEqual([expect.stringContaining(`as --allow-unplayed ${sidecar} says`)]);
});

test('one that the pipeline builds takes its place', async () => {
  const built = '000000000000.dkr.ecr.eu-west-1.amazonaws.com/web:built';
  const { images, said } = bring(['nginx', sidecar], {
    pipelines: [pipeline],
    artifacts: {
      unpack: () => {
        const directory = mkdtempSync(join(scratch, 'built-'));
        const definitions = [{ name: 'c0', imageUri: built }];
        writeFileSync(join(directory, 'imagedefinitions.json'), JSON.stringify(definitions));
        return Promise.resolve(directory);
      },
    },
  });

  expect(await images).toEqual([built, sidecar]);
  expect(said).toEqual([expect.stringContaining("The first image 'nginx' of container 'c0'")]);
});

test('it is fetched too when nobody can tell what the pipeline builds', async () => {
  const unknown = new RehearsalError('FirstImageUnknown', 'an action that is not played');
  const options = { pipelines: [pipeline], artifacts: { unpack: () => Promise.reject(unknown) } };

  expect(await bring([sidecar], options).images).toEqual([sidecar]);
  await expect(bring([sidecar], { ...options, fetchesOutside: false }).images).rejects.toBe(
    unknown,
  );
});

test('the private registry of another account is not one that can be fetched from', async () => {
  const { images } = bring(['111111111111.dkr.ecr.eu-west-1.amazonaws.com/shared:1']);

  await expect(images).rejects.toThrow(
    /is in the ECR registry of another account or region, .*\nPush them to this account's registry/,
  );
});
