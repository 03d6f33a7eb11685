import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RehearsalError } from '../errors';

/** Places in a repository that a rehearsal needs. */
export interface Project {
  readonly directory: string;
  /** Holds cdk.json; undefined when an assembly is given instead of a CDK app */
  readonly cdkDirectory: string | undefined;
  /** The script that brings the first image: a deploy.sh that pushes one */
  readonly deployScript: string | undefined;
}

/**
 * @throws RehearsalError `ProjectUnusable` when the directory is no git repository, or has no CDK
 *   app while one is needed
 */
export function findProject(directory: string, needsCdkApp: boolean): Project {
  if (!existsSync(join(directory, '.git'))) {
    throw new RehearsalError(
      'ProjectUnusable',
      `'${directory}' is not a git repository, so there is no commit to push. Run 'git init' and commit there, or name another one with --project DIR.`,
    );
  }
  const cdkDirectory = findCdkDirectory(directory);
  if (cdkDirectory === undefined && needsCdkApp) {
    throw new RehearsalError(
      'ProjectUnusable',
      `there is no cdk.json in '${directory}' nor one level down, so there are no templates to rehearse. Name a repository with a CDK app with --project DIR, or a synthesized one with --assembly DIR.`,
    );
  }
  const deployScript = join(directory, 'deploy.sh');
  return {
    directory,
    cdkDirectory,
    deployScript: pushesImage(deployScript) ? deployScript : undefined,
  };
}

/** Many a deploy.sh only calls the CDK, which a rehearsal does itself. */
function pushesImage(script: string): boolean {
  return existsSync(script) && /docker\b.*\bpush\b|--push\b/.test(readFileSync(script, 'utf8'));
}

function findCdkDirectory(directory: string): string | undefined {
  const folders = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name))
    .map((entry) => join(directory, entry.name))
    .sort();
  return [directory, ...folders].find((folder) => existsSync(join(folder, 'cdk.json')));
}
