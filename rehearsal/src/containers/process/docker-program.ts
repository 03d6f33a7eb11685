import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, RehearsalError } from '../../errors';
import type { Standin, StandinCall } from '../../standins/standin';
import { parseBuildArguments } from '../build-arguments';
import { normaliseDockerCommand } from '../docker-commands';
import { withIpv4Names } from '../image-reference';
import { buildImage } from './build-image';
import { DockerRefusal, type DockerState, option, shortId, wantedImage } from './docker-state';
import { formatTemplate } from './format-template';
import { dockerInfo, dockerVersion, imageDocument } from './docker-documents';
import { login, logout, pullImage, pushImage } from './registry-client';

type Command = (call: StandinCall, args: readonly string[]) => void | Promise<void>;

/**
 * Plays the `docker` program for scripts on a machine without Docker: what a build needs to build,
 * name and push an image. Everything else is refused by name.
 */
export function createDockerProgram(state: DockerState): Standin {
  const commands: Readonly<Record<string, Command>> = {
    build: (call, args) => build(state, call, args),
    tag: (_call, [source = '', target = '']) => {
      state.images.tag(target, wantedImage(state, source));
    },
    push: (call, args) => pushImage(state, call, args),
    pull: (call, args) => pullImage(state, call, args),
    login: (call, args) => login(state, call, args),
    logout: (call, args) => logout(state, call, args),
    images: (call) => listImages(state, call),
    inspect: (call, args) => inspect(state, call, args),
    rmi: (call, args) => removeImages(state, call, args),
    version: (call, args) => call.stdout(formatted(dockerVersion(), args, 'Version: ')),
    info: (call, args) => call.stdout(formatted(dockerInfo(), args, 'Server Version: ')),
    'buildx version': (call) => call.stdout('github.com/docker/buildx (played)\n'),
    '--version': (call) => call.stdout(`Docker version ${dockerVersion().Client.Version}\n`),
  };
  return async (call) => {
    const { name, args } = normaliseDockerCommand(call.argv.map(withIpv4Names));
    const command = commands[name];
    try {
      if (command === undefined) {
        state.unproven(`'docker ${name}' was called by a script and is not played without Docker.`);
        throw new DockerRefusal(
          `docker: 'docker ${name}' is not played without Docker. Played are: ${Object.keys(commands).join(', ')}. Rehearse with --engine docker.`,
          125,
        );
      }
      await command(call, args);
      return { exitCode: 0 };
    } catch (error) {
      if (!(error instanceof DockerRefusal || error instanceof RehearsalError)) throw error;
      call.stderr(`${error instanceof RehearsalError ? 'ERROR: ' : ''}${messageOf(error)}\n`);
      return { exitCode: error instanceof DockerRefusal ? error.status : 1 };
    }
  };
}

async function build(
  state: DockerState,
  call: StandinCall,
  args: readonly string[],
): Promise<void> {
  const request = parseBuildArguments(args, call.cwd, call.env);
  const image = await buildImage({
    request,
    images: state.images,
    directory: join(state.runDirectory, 'images', String((state.builds.count += 1))),
    environment: { ...state.environment, HOME: call.env['HOME'] ?? state.runDirectory },
    clock: state.clock,
    ledger: state.ledger,
    output: (line) => {
      if (!request.quiet) call.stderr(`${line}\n`);
    },
    unproven: state.unproven,
  });
  const kept = state.images.add(image, request.tags);
  if (request.iidFile !== undefined) writeFileSync(request.iidFile, kept.id);
  if (request.quiet) call.stdout(`${kept.id}\n`);
  else
    call.stderr(
      [`writing image ${kept.id}`, ...request.tags.map((tag) => `naming to ${tag}`), ''].join('\n'),
    );
}

function listImages(state: DockerState, call: StandinCall): void {
  call.stdout('REPOSITORY\tTAG\tIMAGE ID\tSIZE\n');
  for (const { name, image } of state.images.list()) {
    const at = name.lastIndexOf(':');
    call.stdout(`${name.slice(0, at)}\t${name.slice(at + 1)}\t${shortId(image)}\t${image.size}B\n`);
  }
}

function inspect(state: DockerState, call: StandinCall, args: readonly string[]): void {
  const { format, rest } = option(args, '--format', '-f');
  const documents = rest
    .filter((name) => !name.startsWith('-'))
    .map((name) => imageDocument(wantedImage(state, name), state));
  if (format === undefined) return call.stdout(`${JSON.stringify(documents, null, 4)}\n`);
  for (const document of documents) call.stdout(`${formatTemplate(format, document)}\n`);
}

function removeImages(state: DockerState, call: StandinCall, args: readonly string[]): void {
  for (const name of args.filter((arg) => !arg.startsWith('-'))) {
    wantedImage(state, name);
    if (state.images.untag(name)) call.stdout(`Untagged: ${name}\n`);
  }
}

function formatted(document: object, args: readonly string[], label: string): string {
  const { format } = option(args, '--format', '-f');
  if (format !== undefined) return `${formatTemplate(format, document)}\n`;
  return `${label}${dockerVersion().Server.Version}\n`;
}
