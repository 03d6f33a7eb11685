import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutations';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
export const repository = dirname(workspace);

/**
 * The engine's source in another place, with the same libraries.
 *
 * @param directory does not exist yet
 * @returns path of its command line
 */
export function copyEngine(directory: string, mutation?: Mutation): string {
  const copy = join(directory, 'rehearsal');
  mkdirSync(copy, { recursive: true });
  cpSync(join(workspace, 'src'), join(copy, 'src'), { recursive: true });
  for (const name of ['package.json', 'tsconfig.json']) {
    cpSync(join(workspace, name), join(copy, name));
    cpSync(join(repository, name), join(directory, name));
  }
  symlinkSync(join(repository, 'node_modules'), join(directory, 'node_modules'));
  symlinkSync(join(workspace, 'node_modules'), join(copy, 'node_modules'));
  if (mutation !== undefined) {
    const file = join(copy, 'src', mutation.file);
    writeFileSync(file, mutate(readFileSync(file, 'utf8'), mutation));
  }
  return join(copy, 'src', 'cli.ts');
}

/** @throws Error when the text to replace is not there exactly once */
export function mutate(source: string, { name, file, text, replacement }: Mutation): string {
  const parts = source.split(text);
  if (parts.length !== 2) {
    throw new Error(
      `mutation '${name}': its text occurs ${parts.length - 1} times in src/${file}, expected once. Adjust it in mutations/mutations.ts.`,
    );
  }
  return parts.join(replacement);
}
