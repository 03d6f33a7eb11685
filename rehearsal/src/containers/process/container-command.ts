import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import { RehearsalError } from '../../errors';
import type { ContainerSpec } from '../container-engine';
import { requireUser } from '../require-user';
import { environmentOnHost, hostPath, withHostPaths } from './image-files';
import type { ImageConfig } from './local-images';

/** A container's main program as this machine runs it. */
export interface ContainerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The part of a specification that decides what is run. */
export type CommandSpec = Pick<
  ContainerSpec,
  'name' | 'environment' | 'command' | 'entryPoint' | 'workingDirectory' | 'user'
>;

/**
 * What a container runs, by Docker's rules: an entry point of the task definition also drops the
 * image's command.
 *
 * @param root the container's root file system
 * @param host this machine's part of the environment: PATH, and what keeps SDKs from AWS
 * @throws RehearsalError `ContainerUserIsRoot`, `ContainerCommandMissing`, `ProgramNotPlayed`
 */
export function containerCommand(
  spec: CommandSpec,
  config: ImageConfig,
  root: string,
  host: Readonly<Record<string, string>>,
): ContainerCommand {
  requireUser(spec, config.user);
  const entryPoint = spec.entryPoint ?? config.entryPoint ?? [];
  const command = spec.command ?? (spec.entryPoint === undefined ? config.command : []) ?? [];
  const [program, ...args] = [...entryPoint, ...command].map((text) => withHostPaths(root, text));
  if (program === undefined) {
    throw new RehearsalError(
      'ContainerCommandMissing',
      `container '${spec.name}' has no command: neither its task definition nor its Dockerfile sets CMD or ENTRYPOINT, and the base image's own is not known without Docker. Set CMD in the Dockerfile.`,
    );
  }
  const cwd = hostPath(root, spec.workingDirectory ?? config.workingDirectory);
  const env = {
    ...host,
    ...environmentOnHost(root, { ...config.environment, ...spec.environment }),
  };
  return { file: findProgram(spec.name, program, root, cwd, env), args, cwd, env };
}

const SHELLS = new Set(['sh', 'bash', 'dash']);

/** Ports and signals of a container are played inside Node.js, so nothing else can be the program. */
function findProgram(
  container: string,
  program: string,
  root: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): string {
  const candidates = program.includes('/')
    ? [isAbsolute(program) ? program : resolve(cwd, program)]
    : (env['PATH'] ?? '').split(':').map((directory) => resolve(cwd, directory, program));
  const file = candidates.find(isExecutable);
  if (file === undefined) {
    throw new RehearsalError(
      'ProgramNotPlayed',
      `container '${container}' runs '${program}', which is neither in its image's own files nor on this machine. Install it, or rehearse with --engine docker.`,
    );
  }
  if (basename(file) === 'node' || SHELLS.has(basename(file))) return file;
  const interpreter = interpreterOf(file);
  // A shell script of this machine may stand for any program, as pyenv's python3 does.
  const isOwn = file.startsWith(`${root}/`);
  if (interpreter === 'node' || (isOwn && SHELLS.has(interpreter))) return file;
  throw new RehearsalError(
    'ProgramNotPlayed',
    `container '${container}' runs '${program}'; without Docker only Node.js programs and scripts can be run. Rehearse with --engine docker.`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program that runs a script, by its first line; empty for anything else. */
function interpreterOf(file: string): string {
  const start = Buffer.alloc(256);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start, 0, start.length, 0);
  } finally {
    closeSync(descriptor);
  }
  const [, command = ''] = /^#!\s*([^\n]*)/.exec(start.toString()) ?? [];
  const words = command.split(/\s+/).filter((word) => !/^-|=/.test(word));
  const [program = ''] = words.map((word) => basename(word)).filter((name) => name !== 'env');
  return program;
}
