import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Removal, withoutEntry } from './removals';

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      { readonly properties?: { readonly templateFile?: string; readonly stackName?: string } }
    >
  >;
}

/**
 * A copy of a cloud assembly without one permission.
 *
 * @param directory does not exist yet
 * @returns `directory`
 */
export function changedAssembly(assembly: string, directory: string, removal: Removal): string {
  cpSync(assembly, directory, { recursive: true });
  const { artifacts } = readJson(join(directory, 'manifest.json')) as Manifest;
  const stack = Object.entries(artifacts).find(
    ([id, { properties }]) =>
      properties?.templateFile !== undefined &&
      (properties.stackName ?? id) === removal.place.stack,
  );
  const file = stack?.[1].properties?.templateFile;
  if (file === undefined) throw new Error(`the assembly has no stack '${removal.place.stack}'`);
  const path = join(directory, file);
  writeFileSync(path, JSON.stringify(withoutEntry(readJson(path), removal)));
  return directory;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
