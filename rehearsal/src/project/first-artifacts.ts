import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { unzip } from '../archive/zip';
import { runBatch } from '../codebuild/batch';
import { type BuildDependencies, runBuild } from '../codebuild/build';
import type { BuildProject } from '../codebuild/project-definition';
import type { ActionDefinition, PipelineDefinition } from '../codepipeline/pipeline-definition';
import { resolveVariables } from '../codepipeline/variables';
import { RehearsalError } from '../errors';
import type { Git } from '../github/git';

export interface FirstArtifactsOptions {
  /** The developer's clone, at the first commit */
  readonly clone: Git;
  /** For the archives of artifacts */
  readonly directory: string;
  readonly projects: readonly BuildProject[];
  readonly build: BuildDependencies;
}

const variablesSchema = z.array(
  z.object({
    name: z.string(),
    value: z.string(),
    type: z.enum(['PLAINTEXT', 'PARAMETER_STORE', 'SECRETS_MANAGER']).default('PLAINTEXT'),
  }),
);

/** Makes what a pipeline's actions would make of the first commit, without an execution. */
export class FirstArtifacts {
  private readonly made = new Map<string, Promise<string>>();
  /** What builds have exported, by pipeline and namespace */
  private readonly exported = new Map<string, Readonly<Record<string, string>>>();

  constructor(private readonly options: FirstArtifactsOptions) {}

  /**
   * A new directory with the files of an artifact.
   *
   * @throws RehearsalError `FirstImageUnknown` when it takes another action than a source or a
   *   build, `FirstImageFailed` when the build ends badly
   */
  async unpack(pipeline: PipelineDefinition, artifact: string): Promise<string> {
    const maker = makerOf(pipeline, artifact);
    if (maker?.configuration['OutputArtifactFormat'] === 'CODEBUILD_CLONE_REF') {
      return this.makeClone();
    }
    const key = `${pipeline.name}/${artifact}`;
    const zipPath = this.made.get(key) ?? this.make(pipeline, artifact);
    this.made.set(key, zipPath);
    const directory = this.newDirectory();
    await unzip(await zipPath, directory);
    return directory;
  }

  private make(pipeline: PipelineDefinition, artifact: string): Promise<string> {
    const action = makerOf(pipeline, artifact);
    if (action?.category === 'Source') return this.makeSource();
    if (action?.provider === 'CodeBuild') return this.makeBuild(pipeline, action, artifact);
    throw new RehearsalError(
      'FirstImageUnknown',
      `the first image cannot be built: pipeline '${pipeline.name}' makes the artifact '${artifact}' with ${action === undefined ? 'no action' : `the action '${action.name}' (${action.type})`}, and only sources and builds can be played before the service runs. Add a deploy.sh that pushes the first image.`,
    );
  }

  private async makeSource(): Promise<string> {
    const zipPath = join(this.newDirectory(), 'source.zip');
    await this.options.clone.run('archive', '--format=zip', '-o', zipPath, 'HEAD');
    return zipPath;
  }

  /** With its history, as CodeBuild makes it of a clone reference. */
  private async makeClone(): Promise<string> {
    const { clone } = this.options;
    const directory = this.newDirectory();
    await clone.run('clone', '--quiet', '--no-local', clone.directory, directory);
    return directory;
  }

  private async makeBuild(
    pipeline: PipelineDefinition,
    action: ActionDefinition,
    artifact: string,
  ): Promise<string> {
    const { build, clone, projects } = this.options;
    const project = projects.find(({ name }) => name === action.configuration['ProjectName']);
    if (project === undefined) {
      throw new RehearsalError(
        'FirstImageUnknown',
        `the first image cannot be built: action '${action.name}' of pipeline '${pipeline.name}' builds the project '${action.configuration['ProjectName'] ?? ''}', which no stack has.`,
      );
    }
    const commit = await clone.run('rev-parse', 'HEAD');
    const request = {
      project,
      environmentOverrides: this.variablesOf(pipeline, action, commit),
      initiator: 'operator',
      artifactDirectory: this.newDirectory(),
      caller: {
        kind: 'role',
        roleArn: project.serviceRoleArn,
        sessionName: 'first-image',
      },
      resolvedSourceVersion: commit,
    } as const;
    const unpackSources = () => this.unpackInputs(pipeline, action);
    const isSingle = action.outputArtifacts.length === 1;
    const isBatch = action.configuration['BatchEnabled'] === 'true';
    const result = isBatch
      ? await runBatch(
          {
            ...request,
            unpackSources,
            outputs: action.outputArtifacts,
            combineArtifacts: action.configuration['CombineArtifacts'] === 'true',
          },
          build,
        )
      : await runBuild(
          {
            ...request,
            ...(await unpackSources()),
            outputs: isSingle ? ['primary'] : action.outputArtifacts,
          },
          build,
        );
    if (action.namespace !== undefined && 'exportedVariables' in result) {
      this.exported.set(`${pipeline.name}/${action.namespace}`, result.exportedVariables);
    }
    const zipPath = result.artifacts[isSingle && !isBatch ? 'primary' : artifact];
    if (zipPath !== undefined) return zipPath;
    throw new RehearsalError(
      'FirstImageFailed',
      `the build of the first commit made no artifact '${artifact}' (project '${project.name}'): ${result.failure ?? 'the buildspec has no artifacts'}. Its log is in the report.`,
      { exitCode: 1 },
    );
  }

  private async unpackInputs(
    pipeline: PipelineDefinition,
    { configuration, inputArtifacts }: ActionDefinition,
  ) {
    const primary = configuration['PrimarySource'] ?? inputArtifacts[0] ?? '';
    const secondarySources: Record<string, string> = {};
    for (const input of inputArtifacts) {
      if (input !== primary) secondarySources[input] = await this.unpack(pipeline, input);
    }
    return { sourceDirectory: await this.unpack(pipeline, primary), secondarySources };
  }

  private newDirectory(): string {
    mkdirSync(this.options.directory, { recursive: true });
    return mkdtempSync(join(this.options.directory, 'first-'));
  }

  /** The action's own variables, as far as the actions before it can be known. */
  private variablesOf(pipeline: PipelineDefinition, action: ActionDefinition, commit: string) {
    const known = new Map<string, Readonly<Record<string, string>>>();
    known.set(
      'variables',
      Object.fromEntries(
        pipeline.variables.map(({ name, defaultValue = '' }) => [name, defaultValue]),
      ),
    );
    for (const { namespace, category, configuration } of pipeline.stages.flatMap(
      ({ actions }) => actions,
    )) {
      if (namespace === undefined) continue;
      const branch = configuration['Branch'] ?? configuration['BranchName'] ?? '';
      const exported = this.exported.get(`${pipeline.name}/${namespace}`);
      if (category === 'Source') known.set(namespace, { CommitId: commit, BranchName: branch });
      else if (exported !== undefined) known.set(namespace, exported);
    }
    const text = action.configuration['EnvironmentVariables'] ?? '[]';
    return variablesSchema.parse(JSON.parse(resolveVariables(text, known)));
  }
}

/** The action that makes an artifact. */
function makerOf({ stages }: PipelineDefinition, artifact: string): ActionDefinition | undefined {
  return stages
    .flatMap(({ actions }) => actions)
    .find(({ outputArtifacts }) => outputArtifacts.includes(artifact));
}
