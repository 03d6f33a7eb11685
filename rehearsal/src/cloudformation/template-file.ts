import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, RehearsalError } from '../errors';
import { readTemplate, type Template } from './template';

/** A template on disk, with the templates of the stacks nested in it. */
export interface TemplateFile {
  readonly templateFile: string;
  readonly template: Template;
  /** By logical id of the AWS::CloudFormation::Stack; those whose template is elsewhere are missing */
  readonly nestedStacks: Readonly<Record<string, TemplateFile>>;
}

/** Where the CDK says which file of the assembly it will upload for a property. */
const ASSET_PATH = 'aws:asset:path';

/**
 * @param directory of the cloud assembly; asset paths start there
 * @throws RehearsalError `AssemblyInvalid`, `TemplateInvalid`, `TransformUnsupported`
 */
export function readTemplateFile(directory: string, file: string): TemplateFile {
  const templateFile = join(directory, file);
  const template = readTemplate(readJson(templateFile), templateFile);
  const nestedStacks = Object.entries(template.Resources).flatMap(([logicalId, resource]) => {
    const asset = resource.Metadata[ASSET_PATH];
    return resource.Type === 'AWS::CloudFormation::Stack' && typeof asset === 'string'
      ? [[logicalId, readTemplateFile(directory, asset)] as const]
      : [];
  });
  return { templateFile, template, nestedStacks: Object.fromEntries(nestedStacks) };
}

/** @throws RehearsalError `AssemblyInvalid` */
export function readJson(file: string): unknown {
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
