import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RehearsalError } from '../errors';
import { orderByDependencies } from './dependency-order';
import { readJson, readTemplateFile, type TemplateFile } from './template-file';

/** A stack as `cdk synth` leaves it. */
export interface StackArtifact extends TemplateFile {
  /** Unique in the assembly: the artifact id, with the ids of enclosing assemblies before it */
  readonly id: string;
  readonly stackName: string;
  /** How the CDK names it to people, e.g. `Prod/Service` for a stack inside a stage */
  readonly displayName: string;
  /** Undefined when the stack is bound to no account or region */
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** The role that CloudFormation creates resources as; may hold `${AWS::AccountId}` and the like */
  readonly executionRoleArn?: string;
  /** Parameter values that the CDK app fixed */
  readonly parameters: Readonly<Record<string, string>>;
  /** `id`s of the stacks that must be deployed first */
  readonly dependencies: readonly string[];
}

export interface CloudAssembly {
  readonly directory: string;
  /** Every stack, nested assemblies included, in an order in which they can be deployed */
  readonly stacks: readonly StackArtifact[];
}

/** A resource as a template declares it. */
export interface DeclaredResource {
  readonly logicalId: string;
  readonly type: string;
  /** Name of the stack */
  readonly stack: string;
}

/** First manifest version of CDK v2's cloud-assembly-schema that this reader was written for. */
const OLDEST_VERSION = 16;

const ManifestSchema = z.looseObject({
  version: z.string(),
  artifacts: z
    .record(
      z.string(),
      z.looseObject({
        type: z.string(),
        environment: z.string().optional(),
        displayName: z.string().optional(),
        dependencies: z.array(z.string()).default([]),
        properties: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .default({}),
});
type Artifact = z.output<typeof ManifestSchema>['artifacts'][string];

const STACK = 'aws:cloudformation:stack';

const StackPropertiesSchema = z.looseObject({
  templateFile: z.string(),
  stackName: z.string().optional(),
  parameters: z.record(z.string(), z.string()).default({}),
  cloudFormationExecutionRoleArn: z.string().optional(),
});

/**
 * Reads what `cdk synth` wrote.
 * https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
 *
 * @param directory usually `cdk.out`
 * @throws RehearsalError `AssemblyNotFound`, `AssemblyInvalid`, `TemplateInvalid`, `DependencyCycle`
 */
export function readCloudAssembly(directory: string): CloudAssembly {
  const stacks = readStacks(directory, '');
  if (stacks.length === 0) {
    throw new RehearsalError(
      'AssemblyInvalid',
      `The cloud assembly in ${directory} has no stacks.`,
    );
  }
  return {
    directory,
    stacks: orderByDependencies(
      stacks,
      ({ id }) => id,
      ({ dependencies }) => dependencies,
    ),
  };
}

/**
 * Every resource that the templates declare, whatever their conditions say; those of a nested stack
 * have its logical id after the name of the stack, e.g. `Shop/Network`.
 */
export function declaredResources({ stacks }: Pick<CloudAssembly, 'stacks'>): DeclaredResource[] {
  const within = (stack: string, { template, nestedStacks }: TemplateFile): DeclaredResource[] => [
    ...Object.entries(template.Resources).map(([logicalId, { Type }]) => ({
      logicalId,
      type: Type,
      stack,
    })),
    ...Object.entries(nestedStacks).flatMap(([id, nested]) => within(`${stack}/${id}`, nested)),
  ];
  return stacks.flatMap((artifact) => within(artifact.stackName, artifact));
}

function readStacks(directory: string, prefix: string): StackArtifact[] {
  const { artifacts } = readManifest(directory);
  const nested = new Map<string, StackArtifact[]>();
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type !== 'cdk:cloud-assembly') continue;
    const inner = join(directory, String(properties.directoryName));
    nested.set(id, readStacks(inner, `${prefix}${id}/`));
  }
  // Dependencies may name assets or nested assemblies; the stacks behind them make the order.
  const stacksBehind = (ids: readonly string[], seen: readonly string[] = []): string[] =>
    ids.flatMap((id) => {
      const artifact = artifacts[id];
      if (artifact === undefined || seen.includes(id)) return [];
      if (artifact.type === STACK) return [prefix + id];
      return (
        nested.get(id)?.map((stack) => stack.id) ??
        stacksBehind(artifact.dependencies, [...seen, id])
      );
    });
  return Object.entries(artifacts).flatMap(([id, artifact]) => {
    const dependencies = stacksBehind(artifact.dependencies);
    if (artifact.type === STACK) return [readStack(directory, prefix, id, artifact, dependencies)];
    return (nested.get(id) ?? []).map((stack) => ({
      ...stack,
      dependencies: [...stack.dependencies, ...dependencies],
    }));
  });
}

function readStack(
  directory: string,
  prefix: string,
  id: string,
  artifact: Artifact,
  dependencies: readonly string[],
): StackArtifact {
  const properties = StackPropertiesSchema.safeParse(artifact.properties);
  if (!properties.success) {
    throw new RehearsalError(
      'AssemblyInvalid',
      `Stack '${id}' in ${join(directory, 'manifest.json')} has no readable properties: ${z.prettifyError(properties.error)}`,
    );
  }
  const { cloudFormationExecutionRoleArn: executionRoleArn } = properties.data;
  // e.g. aws://000000000000/ap-northeast-2 or aws://unknown-account/unknown-region
  const [account, region] = (artifact.environment ?? '').replace(/^aws:\/\//, '').split('/');
  return {
    id: prefix + id,
    stackName: properties.data.stackName ?? id,
    displayName: artifact.displayName ?? id,
    account: account === '' || account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
    ...readTemplateFile(directory, properties.data.templateFile),
    parameters: properties.data.parameters,
    ...(executionRoleArn !== undefined && { executionRoleArn }),
    dependencies,
  };
}

function readManifest(directory: string): z.output<typeof ManifestSchema> {
  const file = join(directory, 'manifest.json');
  if (!existsSync(file)) {
    throw new RehearsalError(
      'AssemblyNotFound',
      `There is no cloud assembly in ${directory} (no manifest.json). Synthesize one with 'cdk synth', or point --assembly at the directory it wrote, usually cdk.out.`,
    );
  }
  const manifest = ManifestSchema.safeParse(readJson(file));
  if (!manifest.success) {
    throw new RehearsalError(
      'AssemblyInvalid',
      `${file} is not the manifest of a cloud assembly: ${z.prettifyError(manifest.error)}`,
    );
  }
  const { version } = manifest.data;
  if (!(Number.parseInt(version, 10) >= OLDEST_VERSION)) {
    throw new RehearsalError(
      'AssemblyInvalid',
      `${file} has schema version '${version}'; the rehearsal reads ${OLDEST_VERSION}.0.0 and later. Synthesize it with a current aws-cdk-lib 2.`,
    );
  }
  return manifest.data;
}
