import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, RehearsalError } from '../errors';
import { orderByDependencies } from './dependency-order';
import { readTemplate, type Template } from './template';

/** A stack as `cdk synth` leaves it. */
export interface StackArtifact {
  /** Unique in the assembly: the artifact id, with the ids of enclosing assemblies before it */
  readonly id: string;
  readonly stackName: string;
  /** How the CDK names it to people, e.g. `Prod/Service` for a stack inside a stage */
  readonly displayName: string;
  /** Undefined when the stack is bound to no account or region */
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly templateFile: string;
  readonly template: Template;
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
  const templateFile = join(directory, properties.data.templateFile);
  // e.g. aws://000000000000/ap-northeast-2 or aws://unknown-account/unknown-region
  const [account, region] = (artifact.environment ?? '').replace(/^aws:\/\//, '').split('/');
  return {
    id: prefix + id,
    stackName: properties.data.stackName ?? id,
    displayName: artifact.displayName ?? id,
    account: account === '' || account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
    templateFile,
    template: readTemplate(readJson(templateFile), templateFile),
    parameters: properties.data.parameters,
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

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new RehearsalError(
      'AssemblyInvalid',
      `${file} cannot be read: ${messageOf(cause)}. Synthesize the CDK app again.`,
      { cause },
    );
  }
}
