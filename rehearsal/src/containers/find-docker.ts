import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors';
import { runCommand } from '../process/run-command';

/** A `docker` program whose engine answers and that builds with BuildKit. */
export interface UsableDocker {
  /** e.g. `/usr/bin/docker` */
  readonly path: string;
  readonly serverVersion: string;
  /** e.g. `linux/amd64` */
  readonly platform: string;
  /** CPUs that containers can have */
  readonly cpus: number;
  /** Where the engine is (DOCKER_HOST and, with TLS, its certificates), from the current context */
  readonly connection: Readonly<Record<string, string>>;
  /** The person's command line plugins (buildx), which a scratch configuration would lose */
  readonly pluginDirectory: string | undefined;
}

export type DockerSearch =
  | { readonly found: true; readonly docker: UsableDocker }
  /** `reason` is a sentence for the person */
  | { readonly found: false; readonly reason: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** An engine that does not answer by then is taken for absent. */
const PATIENCE_MS = 10_000;
/** Clients from here on build with the plugin buildx alone. https://docs.docker.com/engine/release-notes/23.0/ */
const FIRST_CLIENT_WITHOUT_BUILDER = 23;

const versionSchema = z.object({
  Client: z.object({ Version: z.string() }),
  Server: z.object({ Version: z.string(), Os: z.string(), Arch: z.string() }).nullish(),
});

/**
 * The first `docker` on PATH that can carry a rehearsal.
 *
 * @param environment the person's own: their PATH, Docker context and DOCKER_* settings count here
 */
export async function findDocker(environment: Environment): Promise<DockerSearch> {
  const programs = (environment['PATH'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((directory) => join(directory, 'docker'))
    .filter((path) => existsSync(path));
  const reasons: string[] = [];
  for (const path of new Set(programs)) {
    const search = await examine(path, environment);
    if (search.found) return search;
    reasons.push(search.reason);
  }
  return { found: false, reason: reasons.join(' ') || 'There is no docker program on PATH.' };
}

async function examine(path: string, environment: Environment): Promise<DockerSearch> {
  const no = (reason: string): DockerSearch => ({ found: false, reason: `${path}: ${reason}` });
  const env = Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  const ask = async (...args: string[]) => {
    try {
      return await runCommand(path, args, { env, timeoutMs: PATIENCE_MS });
    } catch (error) {
      return { exitCode: undefined, stdout: '', stderr: messageOf(error) };
    }
  };
  const answer = await ask('version', '--format', '{{json .}}');
  if (answer.exitCode !== 0) {
    return no(`the Docker engine does not answer: ${lastLine(answer.stderr) ?? 'no reply'}.`);
  }
  const version = versionSchema.safeParse(parseJson(answer.stdout));
  if (!version.success) return no('it answers, but not like Docker.');
  const { Client: client, Server: server } = version.data;
  if (server == null) return no('the Docker engine does not answer.');
  if (server.Os !== 'linux') {
    return no(`the engine runs ${server.Os} containers; ECS Fargate tasks need Linux ones.`);
  }
  if (
    Number.parseInt(client.Version, 10) >= FIRST_CLIENT_WITHOUT_BUILDER &&
    (await ask('buildx', 'version')).exitCode !== 0
  ) {
    return no(`it cannot build: Docker ${client.Version} needs the buildx plugin. Install it.`);
  }
  const host = (await ask('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}')).stdout;
  if (!isLocal(host.trim())) {
    return no(
      `its engine is on another machine (${host.trim()}), where 127.0.0.1 is not this one.`,
    );
  }
  const cpus = Number((await ask('info', '--format', '{{.NCPU}}')).stdout);
  const plugins = join(env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'), 'cli-plugins');
  return {
    found: true,
    docker: {
      path,
      serverVersion: server.Version,
      platform: `${server.Os}/${server.Arch}`,
      cpus: cpus > 0 ? cpus : 1,
      connection: {
        ...(host.trim() !== '' && { DOCKER_HOST: host.trim() }),
        ...pick(env, ['DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH']),
      },
      pluginDirectory: existsSync(plugins) ? plugins : undefined,
    },
  };
}

function isLocal(host: string): boolean {
  return host === '' || /^(unix|npipe):|^tcp:\/\/(127\.|localhost\b|\[::1\])/.test(host);
}

function pick(env: Readonly<Record<string, string>>, names: readonly string[]) {
  return Object.fromEntries(
    names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.replace(/\.$/, '') || undefined;
}
