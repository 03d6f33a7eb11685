import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projects = fileURLToPath(new URL('..', import.meta.url));

export interface Template {
  Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: unknown }>>;
}

/**
 * A copy of a fixture's assembly with another template.
 *
 * @param project under `test/projects`
 * @param templateFile in its assembly
 * @param directory for the copy
 */
export function changedAssembly(
  project: string,
  templateFile: string,
  directory: string,
  change: (template: Template) => void,
): string {
  cpSync(join(projects, project, 'fixtures', 'assembly'), directory, { recursive: true });
  const file = join(directory, templateFile);
  const template = JSON.parse(readFileSync(file, 'utf8')) as Template;
  change(template);
  writeFileSync(file, JSON.stringify(template));
  return directory;
}
