import { isAbsolute, join } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { RehearsalError } from '../errors';

/** What `docker build …` asks for. */
export interface BuildRequest {
  readonly contextDirectory: string;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  /** e.g. `linux/arm64` */
  readonly platform: string | undefined;
  readonly quiet: boolean;
  readonly iidFile: string | undefined;
}

const PLAYED = {
  file: { type: 'string', short: 'f' },
  tag: { type: 'string', short: 't', multiple: true },
  'build-arg': { type: 'string', multiple: true },
  label: { type: 'string', multiple: true },
  target: { type: 'string' },
  platform: { type: 'string' },
  quiet: { type: 'boolean', short: 'q' },
  iidfile: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** How fast, how shown, or what Docker does anyway: without effect on the image. */
const WITHOUT_EFFECT = {
  'no-cache': { type: 'boolean' },
  pull: { type: 'boolean' },
  load: { type: 'boolean' },
  rm: { type: 'boolean' },
  'force-rm': { type: 'boolean' },
  progress: { type: 'string' },
  'cache-from': { type: 'string', multiple: true },
  'cache-to': { type: 'string', multiple: true },
  provenance: { type: 'string' },
  sbom: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/**
 * Reads the arguments after `docker build`.
 *
 * @param cwd where relative paths start
 * @param env what `--build-arg NAME` without a value reads
 * @throws RehearsalError `DockerOptionNotPlayed` naming an option that is not known here
 */
export function parseBuildArguments(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): BuildRequest {
  const { values, positionals } = parse(argv);
  const [context, ...more] = positionals;
  if (context === undefined || more.length > 0) {
    throw new RehearsalError(
      'DockerUsage',
      `"docker build" requires exactly 1 argument, the directory to build, but got ${positionals.length}: ${positionals.join(' ')}`,
    );
  }
  if (context === '-' || /^(https?|git|ssh):|^git@/.test(context)) {
    throw new RehearsalError(
      'DockerContextNotPlayed',
      `docker build: the context '${context}' is not a directory; without Docker only directories can be built. Name a directory, or rehearse with --engine docker.`,
    );
  }
  const contextDirectory = absolute(context, cwd);
  return {
    contextDirectory,
    dockerfile:
      values.file === undefined ? join(contextDirectory, 'Dockerfile') : absolute(values.file, cwd),
    tags: values.tag ?? [],
    buildArgs: assignments(values['build-arg'] ?? [], env),
    labels: assignments(values.label ?? [], {}),
    target: values.target,
    platform: values.platform,
    quiet: values.quiet ?? false,
    iidFile: values.iidfile === undefined ? undefined : absolute(values.iidfile, cwd),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...PLAYED, ...WITHOUT_EFFECT },
      allowPositionals: true,
    });
  } catch (error) {
    // Node appends advice about `--` that does not help here.
    const problem = String(error).replace(/^\w+( \[\w+\])?: |\. To .*$/gs, '');
    throw new RehearsalError(
      'DockerOptionNotPlayed',
      `docker build: ${problem}. Played without Docker: ${Object.keys(PLAYED)
        .map((name) => `--${name}`)
        .join(', ')}. Leave the option out, or rehearse with --engine docker.`,
    );
  }
}

function assignments(
  texts: readonly string[],
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    texts.flatMap((text): [string, string][] => {
      const at = text.indexOf('=');
      if (at !== -1) return [[text.slice(0, at), text.slice(at + 1)]];
      const inherited = env[text];
      return inherited === undefined ? [] : [[text, inherited]];
    }),
  );
}

function absolute(path: string, cwd: string): string {
  return isAbsolute(path) ? path : join(cwd, path);
}
