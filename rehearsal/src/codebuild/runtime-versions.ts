import { RehearsalError } from '../errors';
import { BuildspecError } from './buildspec';

/**
 * Node versions of CodeBuild's curated images. Other images are not checked.
 * https://github.com/aws/aws-codebuild-docker-images
 */
const NODEJS_VERSIONS: Readonly<Record<string, readonly string[]>> = {
  'aws/codebuild/standard:7.0': ['18', '20', '22', '24'],
  'aws/codebuild/standard:8.0': ['22', '24'],
  'aws/codebuild/amazonlinux-x86_64-standard:5.0': ['18', '20', '22', '24'],
  'aws/codebuild/amazonlinux-x86_64-standard:6.0': ['22', '24'],
  'aws/codebuild/amazonlinux-aarch64-standard:3.0': ['18', '20', '22', '24'],
  'aws/codebuild/amazonlinux-aarch64-standard:4.0': ['22', '24'],
};

/** Runtimes of the curated images, with the program that shows that this machine has one. */
const PROGRAMS: Readonly<Record<string, string>> = {
  nodejs: 'node',
  python: 'python3',
  java: 'java',
  golang: 'go',
  ruby: 'ruby',
  php: 'php',
  dotnet: 'dotnet',
};

/**
 * What a build on this machine leaves unproven about a runtime that the buildspec selects: it
 * gets the machine's own version.
 *
 * @param installedVersion the output of the runtime's program for its version; undefined when
 *   there is no such program
 * @returns a sentence, or undefined when the versions agree
 * @throws BuildspecError in CodeBuild's words when its image does not have the runtime
 * @throws RehearsalError `RuntimeMissing` when this machine does not
 */
export function checkRuntime(
  runtime: string,
  version: string,
  image: string,
  installedVersion: string | undefined,
): string | undefined {
  const offered = runtime === 'nodejs' ? NODEJS_VERSIONS[image] : undefined;
  if (offered !== undefined && version !== 'latest' && !offered.includes(version)) {
    throw new BuildspecError(
      `Unknown runtime version named '${version}' of ${runtime}. ` +
        `This build image has the following versions: ${offered.join(', ')}`,
    );
  }
  const program = PROGRAMS[runtime];
  if (program === undefined) {
    throw new BuildspecError(
      `Unknown runtime named '${runtime}'. ` +
        `This build image has the following runtimes: ${Object.keys(PROGRAMS).join(', ')}`,
    );
  }
  if (installedVersion === undefined) {
    throw new RehearsalError(
      'RuntimeMissing',
      `the buildspec selects the runtime '${runtime}: ${version}', and there is no '${program}' ` +
        'on this machine; install it, or rehearse without that runtime',
    );
  }
  const installed = /\d+(\.\d+)*/.exec(installedVersion)?.[0] ?? installedVersion;
  if (installed === version || installed.startsWith(`${version}.`)) return undefined;
  return `the build ran with ${runtime} ${installed} of this machine; CodeBuild would use ${runtime} ${version}`;
}

/** The program, and its arguments, that prints a runtime's version. */
export function versionCommand(runtime: string): [program: string, ...args: string[]] | undefined {
  const program = PROGRAMS[runtime];
  if (program === undefined) return undefined;
  return [program, ...(program === 'go' ? ['version'] : ['--version'])];
}
