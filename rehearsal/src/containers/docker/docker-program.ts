import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Standin, StandinCall } from '../../standins/standin';
import { normaliseDockerCommand } from '../docker-commands';
import { withIpv4Names } from '../image-reference';
import { foreignPlatformSentence } from '../platforms';
import { DockerClient } from './docker-client';

/** What scripts need to build, name and move images. Nothing that starts or changes containers. */
const PASSED = new Set([
  'build',
  'tag',
  'push',
  'pull',
  'login',
  'logout',
  'images',
  'inspect',
  'history',
  'rmi',
  'version',
  'info',
  '--version',
  'buildx version',
  'manifest inspect',
]);

export interface DockerProgramOptions {
  readonly client: DockerClient;
  /** ECR's host name, and where its stand-in listens */
  readonly registryHost: string;
  readonly registryEndpoint: string;
  readonly runDirectory: string;
  /** Called with every name that a build or tag gives to an image, before it happens */
  readonly onName: (name: string) => Promise<void>;
  readonly unproven: (sentence: string) => void;
}

/**
 * Hands the calls of scripts to the real `docker`, with ECR's registry mapped to the one on this
 * machine and images built for this machine's processor. What starts containers is refused by name:
 * it would leave them behind, and they would not be those of the task definition.
 */
export function createDockerProgram(options: DockerProgramOptions): Standin {
  const { client, registryHost, registryEndpoint, runDirectory, onName, unproven } = options;
  return async (call) => {
    const { name } = normaliseDockerCommand(call.argv);
    if (!PASSED.has(name)) {
      unproven(`'docker ${name}' was called by a script and is not played.`);
      call.stderr(
        `docker: 'docker ${name}' is not played in a rehearsal. Played are: ${[...PASSED].join(', ')}.\n`,
      );
      return { exitCode: 125 };
    }
    const mapped = call.argv.map((arg) =>
      withIpv4Names(arg).replaceAll(registryHost, registryEndpoint),
    );
    const args = forPlatform(mapped, client.docker.platform, unproven);
    for (const imageName of namesGiven(name, args)) await onName(imageName);
    const session = new DockerClient(
      client.docker,
      client.environment,
      join(runDirectory, 'docker-config', loginKey(call)),
    );
    const { connection } = client.docker;
    return {
      exec: {
        file: client.docker.path,
        args,
        env: {
          ...connection,
          DOCKER_BUILDKIT: '1',
          DOCKER_CONFIG: session.configDirectory,
          DOCKER_DEFAULT_PLATFORM: '',
          DOCKER_CONTEXT: '',
        },
      },
    };
  };
}

/** Docker keeps logins in a configuration directory; two builds do not share one. */
function loginKey(call: StandinCall): string {
  const key = `${call.env['HOME'] ?? ''} ${JSON.stringify(call.session.caller)}`;
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

/** `--platform linux/arm64` on another processor would need emulation, which is rarely installed. */
function forPlatform(
  args: readonly string[],
  platform: string,
  unproven: (sentence: string) => void,
): string[] {
  return args.map((arg, index) => {
    const inline = arg.startsWith('--platform=');
    if (!inline && args[index - 1] !== '--platform') return arg;
    const asked = inline ? arg.slice('--platform='.length) : arg;
    if (asked === platform) return arg;
    unproven(foreignPlatformSentence(asked, platform));
    return inline ? `--platform=${platform}` : platform;
  });
}

/** Names that the call makes an image have. */
function namesGiven(command: string, args: readonly string[]): string[] {
  if (command === 'tag') return args.slice(-1);
  if (command !== 'build') return [];
  return args.flatMap((arg, index) => {
    if (arg === '-t' || arg === '--tag') return args[index + 1] ?? [];
    return /^(?:-t|--tag)=?(.+)$/.exec(arg)?.[1] ?? [];
  });
}
