import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsAccount } from '../aws-account';
import type { CloudAssembly } from '../cloudformation/cloud-assembly';
import type { DeployedStacks } from '../cloudformation/deployed-stacks';
import type { BuildDependencies } from '../codebuild/build';
import { readBuildProject } from '../codebuild/project-definition';
import { readPipeline } from '../codepipeline/pipeline-definition';
import type { Git } from '../github/git';
import type { RunDirectory } from '../run-directory';
import { publishScript } from './docker-assets';
import { FirstArtifacts } from './first-artifacts';
import { bringFirstImages } from './first-images';
import { missingImages } from './missing-images';

export interface ImagePreparation {
  readonly deployed: DeployedStacks;
  readonly account: AwsAccount;
  readonly assembly: CloudAssembly;
  /** The developer's clone, at the first commit */
  readonly clone: Git;
  readonly run: RunDirectory;
  readonly build: BuildDependencies;
  /** Whether tasks can run images of other registries */
  readonly fetchesOutside: boolean;
  /** Images that the person said to go on without */
  readonly allowUnplayed: readonly string[];
  /** Runs a script of a directory as the operator */
  runScript(name: string, directory: string): Promise<void>;
  /** A sentence for the report */
  unproven(sentence: string): void;
}

/**
 * Brings the images that services start with, as far as deploy.sh has not: the assets that
 * `cdk deploy` pushes itself, then those that somebody pushes by hand.
 *
 * @returns the resources as their services can start
 * @throws RehearsalError see `bringFirstImages`
 */
export async function prepareImages(preparation: ImagePreparation): Promise<DeployedStacks> {
  const { deployed, account, assembly, clone, run, build } = preparation;
  const { fetchesOutside, allowUnplayed } = preparation;
  const publish = publishScript(assembly, missingImages(deployed, account.images), account);
  if (publish !== undefined) {
    const directory = run.directory('assets');
    writeFileSync(join(directory, 'publish-assets.sh'), publish);
    await preparation.runScript('publish-assets.sh', directory);
  }
  return bringFirstImages(deployed, {
    images: account.images,
    pipelines: deployed.ofType('AWS::CodePipeline::Pipeline').map(readPipeline),
    artifacts: new FirstArtifacts({
      clone,
      directory: run.directory('first-artifacts'),
      projects: deployed.ofType('AWS::CodeBuild::Project').map(readBuildProject),
      build,
    }),
    fetchesOutside,
    allowUnplayed,
    unproven: (sentence) => preparation.unproven(sentence),
  });
}
