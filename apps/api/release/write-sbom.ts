import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { createSbom, type Metafile, type PackageFacts } from './sbom';

const API = join(__dirname, '..');
const ROOT = join(API, '../..');

const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));

/** `write-sbom.ts FILE`: the bill of materials of the bundle that the image runs. */
function write(file: string): void {
  const { packages: lock } = readJson(ROOT, 'package-lock.json') as {
    packages: Record<string, { integrity?: string }>;
  };
  const facts = (directory: string): PackageFacts => {
    const { name, version, license } = readJson(API, directory, 'package.json') as PackageFacts;
    const { integrity } = lock[relative(ROOT, join(API, directory))] ?? {};
    return { name, version, ...(license && { license }), ...(integrity && { integrity }) };
  };
  const { name, version } = facts('.');
  const identity = { uuid: randomUUID(), timestamp: new Date().toISOString() };
  const sbom = createSbom({ name, version }, bundle(), facts, identity);
  writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
  process.stdout.write(`${file}: ${sbom.components.length} packages\n`);
}

/** Bundles as the image does, into a directory that goes again. */
function bundle(): Metafile {
  const directory = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    const options = [`--outfile=${directory}/main.js`, `--metafile=${directory}/meta.json`];
    execFileSync('npm', ['run', 'build', '--silent', '--', ...options, '--log-level=error'], {
      cwd: API,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return readJson(directory, 'meta.json') as Metafile;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

write(resolve(process.argv[2] ?? 'sbom.cdx.json'));
