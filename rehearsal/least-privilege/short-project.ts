import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The project with everything that AWS sees of it (deploy.sh, buildspec.yml and the release scripts
 * that call AWS), and in place of the service one that builds and starts at once.
 *
 * @param directory does not exist yet
 */
export function writeShortProject(repository: string, directory: string): void {
  cpSync(join(repository, 'rehearsal', 'least-privilege', 'project'), directory, {
    recursive: true,
  });
  cpSync(join(repository, 'deploy.sh'), join(directory, 'deploy.sh'));
  const scripts = join(repository, 'apps', 'api', 'release');
  if (existsSync(scripts)) {
    cpSync(scripts, join(directory, 'apps', 'api', 'release'), { recursive: true });
  }
  const buildspec = readFileSync(join(repository, 'buildspec.yml'), 'utf8');
  const tsx = pathToFileURL(join(repository, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  writeFileSync(join(directory, 'buildspec.yml'), shortBuildspec(buildspec, tsx));
}

/**
 * Without the commands that look at dependencies, which the short project does not have and AWS is
 * not asked for; and with the `tsx` of this repository, since there is none to install.
 */
export function shortBuildspec(buildspec: string, tsx: string): string {
  return buildspec
    .split('\n')
    .filter((line) => !/release\/(check-dependencies|write-sbom)\.ts/.test(line))
    .join('\n')
    .replaceAll('npx tsx ', `node --import "${tsx}" `);
}
