import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProject } from '../../src/project/project';
import { synthesize } from '../../src/project/synthesize';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();
let places = 0;

function repository(...paths: string[]): string {
  places += 1;
  const directory = join(scratch, String(places));
  mkdirSync(join(directory, '.git'), { recursive: true });
  for (const path of paths) {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), '{}');
  }
  return directory;
}

it('finds the CDK app at the root before one a level down', () => {
  const atRoot = repository('cdk.json', 'infra/cdk.json');
  expect(findProject(atRoot, true).cdkDirectory).toBe(atRoot);
  const below = repository('infra/cdk.json', 'node_modules/cdk.json', 'deploy.sh');
  writeFileSync(join(below, 'deploy.sh'), 'docker build -t x . && docker push x\n');
  expect(findProject(below, true)).toEqual({
    directory: below,
    cdkDirectory: join(below, 'infra'),
    deployScript: join(below, 'deploy.sh'),
  });
});

it('leaves a deploy.sh alone that brings no image', () => {
  const directory = repository('cdk.json', 'deploy.sh');
  writeFileSync(join(directory, 'deploy.sh'), 'npx cdk deploy --all\n');
  expect(findProject(directory, true).deployScript).toBeUndefined();
});

it('says what is missing: a repository, or a CDK app when no assembly is given', () => {
  expect(() => findProject(scratch, true)).toThrow('is not a git repository');
  const plain = repository('a/b/cdk.json');
  expect(() => findProject(plain, true)).toThrow('there is no cdk.json');
  expect(findProject(plain, false).cdkDirectory).toBeUndefined();
});

describe('synthesis', () => {
  const withCdk = (script: string) => {
    const directory = repository('cdk/cdk.json', 'node_modules/.bin/cdk');
    const program = join(directory, 'node_modules', '.bin', 'cdk');
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
    return join(directory, 'cdk');
  };
  const env = { PATH: process.env['PATH'] ?? '', HOME: scratch };

  it('runs the CDK that the repository installed, in the directory of the app', async () => {
    const directory = withCdk('pwd > seen; echo "$@" >> seen');
    await synthesize(directory, '/out', env);
    expect(readFileSync(join(directory, 'seen'), 'utf8')).toBe(
      `${directory}\nsynth --quiet --output /out --no-notices --no-version-reporting\n`,
    );
  });

  it("ends with the CDK's own words when that fails", async () => {
    await expect(
      synthesize(withCdk('echo no such stack >&2; exit 1'), '/out', env),
    ).rejects.toThrow(/'cdk synth' failed in .* with exit code 1:\nno such stack/);
  });

  it('says to install the CDK where it is not', async () => {
    const bare = repository('cdk.json');
    expect(existsSync(join(bare, 'node_modules'))).toBe(false);
    await expect(synthesize(bare, '/out', env)).rejects.toThrow("Run 'npm ci' in that repository");
  });
});
