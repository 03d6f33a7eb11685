import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLIENT = fileURLToPath(new URL('./client.mjs', import.meta.url));

/** Writes one small program for each name, which calls the gateway with that name. */
export function writePrograms(directory: string, names: readonly string[]): void {
  mkdirSync(directory, { recursive: true });
  for (const name of names) {
    const command = ['exec', process.execPath, CLIENT, name].map(quote).join(' ');
    writeFileSync(join(directory, name), `#!/bin/sh\n${command} "$@"\n`, { mode: 0o755 });
  }
}

function quote(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
