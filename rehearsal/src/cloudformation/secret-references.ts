import type { CloudAssembly } from './cloud-assembly';

/** A secret that a template reads by name, so that somebody must have put it there before. */
export interface SecretReference {
  readonly name: string;
  /** Keys of the JSON object that it holds; empty when its whole text is used */
  readonly jsonKeys: readonly string[];
}

const REFERENCE = /\{\{resolve:secretsmanager:([^:{}"]+):SecretString:([^:{}"]*)/g;

/** Secrets that the templates of an assembly name literally in `{{resolve:secretsmanager:…}}`. */
export function secretReferences(assembly: CloudAssembly): SecretReference[] {
  const keys = new Map<string, Set<string>>();
  for (const { template } of assembly.stacks) {
    for (const [, name = '', key = ''] of JSON.stringify(template).matchAll(REFERENCE)) {
      const known = keys.get(name) ?? new Set<string>();
      if (key !== '') known.add(key);
      keys.set(name, known);
    }
  }
  return [...keys].map(([name, jsonKeys]) => ({ name, jsonKeys: [...jsonKeys] }));
}
