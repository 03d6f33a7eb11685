import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { AwsAccount } from '../aws-account';
import type { CloudAssembly } from '../cloudformation/cloud-assembly';
import { readJson } from '../cloudformation/template-file';
import type { MissingImage } from './missing-images';

/** An image that `cdk deploy` builds and pushes before it deploys (`ContainerImage.fromAsset`). */
export interface DockerAsset {
  readonly repositoryName: string;
  readonly tag: string;
  /** Absolute path of the build context */
  readonly directory: string;
  /** Of `docker build`, between the command and the directory */
  readonly buildArguments: readonly string[];
}

/** https://github.com/aws/aws-cdk-cli/blob/main/packages/%40aws-cdk/cloud-assembly-schema/lib/assets/docker-image-asset.ts */
const manifestSchema = z.looseObject({
  dockerImages: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({
          directory: z.string().optional(),
          dockerFile: z.string().optional(),
          dockerBuildTarget: z.string().optional(),
          dockerBuildArgs: z.record(z.string(), z.string()).default({}),
          platform: z.string().optional(),
        }),
        destinations: z.record(
          z.string(),
          z.looseObject({ repositoryName: z.string(), imageTag: z.string() }),
        ),
      }),
    )
    .default({}),
});

/** The image assets of an assembly, each once for every repository it goes to. */
export function dockerAssets(
  assembly: CloudAssembly,
  place: { readonly account: string; readonly region: string },
): DockerAsset[] {
  const directories = new Set(assembly.stacks.map(({ templateFile }) => dirname(templateFile)));
  return [...directories].flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.assets.json'))
      .flatMap((name) => assetsOf(directory, join(directory, name), place)),
  );
}

function assetsOf(
  assembly: string,
  file: string,
  { account, region }: { readonly account: string; readonly region: string },
): DockerAsset[] {
  const manifest = manifestSchema.safeParse(readJson(file));
  const resolved = (text: string) =>
    text.replaceAll('${AWS::AccountId}', account).replaceAll('${AWS::Region}', region);
  return Object.values(manifest.data?.dockerImages ?? {}).flatMap(({ source, destinations }) =>
    Object.values(destinations).flatMap(({ repositoryName, imageTag }) => {
      if (source.directory === undefined) return [];
      const directory = join(assembly, source.directory);
      const { dockerFile, dockerBuildTarget, dockerBuildArgs, platform } = source;
      const buildArguments = [
        ...(dockerFile === undefined ? [] : ['--file', join(directory, dockerFile)]),
        ...(dockerBuildTarget === undefined ? [] : ['--target', dockerBuildTarget]),
        ...(platform === undefined ? [] : ['--platform', platform]),
        ...Object.entries(dockerBuildArgs).flatMap(([key, value]) => [
          '--build-arg',
          `${key}=${value}`,
        ]),
      ];
      const repository = resolved(repositoryName);
      return [{ repositoryName: repository, tag: imageTag, directory, buildArguments }];
    }),
  );
}

/**
 * A shell script that builds and pushes, as `cdk deploy` does, the assets that tasks wait for;
 * undefined when they wait for none. Their repositories are made as `cdk bootstrap` makes them.
 */
export function publishScript(
  assembly: CloudAssembly,
  missing: readonly MissingImage[],
  { id, region, images }: Pick<AwsAccount, 'id' | 'region' | 'images'>,
): string | undefined {
  const wanted = dockerAssets(assembly, { account: id, region })
    .map((asset) => ({
      ...asset,
      image: `${images.registryHost}/${asset.repositoryName}:${asset.tag}`,
    }))
    .filter(({ image }) => missing.some((each) => each.image === image));
  if (wanted.length === 0) return undefined;
  const commands = wanted.flatMap(({ image, repositoryName, directory, buildArguments }) => {
    if (!images.hasRepository(repositoryName)) images.createRepository(repositoryName);
    const build = ['--tag', image, ...buildArguments, directory].map(shellWord);
    return [`docker build ${build.join(' ')}`, `docker push ${shellWord(image)}`];
  });
  return [
    'set -e',
    `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${images.registryHost}`,
    ...commands,
    '',
  ].join('\n');
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
