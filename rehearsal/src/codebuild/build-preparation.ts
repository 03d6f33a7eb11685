import { delimiter, join } from 'node:path';
import { isoTime } from '../clock';
import { RehearsalError } from '../errors';
import type { Caller } from '../iam/authorizer';
import { childEnvironment } from '../process/child-environment';
import { runCommand } from '../process/run-command';
import type { BuildDependencies, BuildRequest } from './build';
import { BuildCache } from './build-cache';
import { type BuildFacts, codebuildVariables, effectiveVariables } from './build-environment';
import type { BuildLog } from './build-log';
import { writeBuildPrograms } from './build-programs';
import type { BuildPaths } from './build-paths';
import { BuildShell } from './build-shell';
import { type Buildspec, parseBuildspec } from './buildspec';
import { readBuildspec } from './buildspec-file';
import { expandCacheKeys } from './cache-keys';
import { giveGitCredentials } from './git-credentials';
import type { BuildVariable } from './project-definition';
import { checkRuntime, versionCommand } from './runtime-versions';
import { variableValue } from './variable-values';

export interface PreparedBuild {
  readonly buildspec: Buildspec;
  readonly variables: readonly BuildVariable[];
  readonly shell: BuildShell;
  readonly cache: BuildCache;
  readonly paths: BuildPaths;
}

export interface PreparationInput {
  readonly request: BuildRequest;
  readonly deps: BuildDependencies;
  readonly facts: BuildFacts;
  readonly caller: Caller;
  readonly log: BuildLog;
  /** The build's own directory, holding `home` */
  readonly scratch: string;
  /** Environment of the stand-in programs */
  readonly programs: Readonly<Record<string, string>>;
}

/**
 * DOWNLOAD_SOURCE: reads the buildspec, looks variables up, brings the cache back and makes the
 * shell that the phases share.
 *
 * @throws BuildspecError, VariableError as CodeBuild fails; RehearsalError for what is not played
 */
export async function prepareBuild(input: PreparationInput): Promise<PreparedBuild> {
  const { request, deps, facts, caller, log, scratch } = input;
  const paths = { source: request.sourceDirectory, home: join(scratch, 'home') };
  log.agent(`CODEBUILD_SRC_DIR=${paths.source}`);
  const text = await readBuildspec(request, (line) => log.agent(line));
  const buildspec = parseBuildspec(text);
  nameUnplayedKeys(buildspec, input);

  if (buildspec.env['git-credential-helper']) {
    const { repository, authorizer } = deps;
    const message = await giveGitCredentials(paths.home, repository, caller, authorizer);
    if (message !== undefined) {
      deps.events.emit({ kind: 'unproven', time: isoTime(deps.clock.now()), message });
    }
  }

  log.agent('Processing environment variables');
  const variables = effectiveVariables(
    buildspec,
    request.project.environment.variables,
    request.environmentOverrides,
  );
  const values: Record<string, string> = {};
  for (const variable of variables) {
    const value = await variableValue(variable, deps.variables, caller);
    values[variable.name] = value;
    if (variable.type !== 'PLAINTEXT') log.mask(value);
  }

  const cache = new BuildCache(input, buildspec.cache, paths);
  const host = { ...deps.hostEnvironment };
  // npm keeps its downloads where the buildspec's cache looks for them, not where the person does.
  if (cache.holds(join(paths.home, '.npm'))) {
    delete host.npm_config_cache;
    delete host.NPM_CONFIG_CACHE;
  }
  const env = childEnvironment(host, paths.home, {
    ...values,
    ...codebuildVariables(facts),
    ...secondarySourceVariables(request),
    ...input.programs,
  });
  const programs = await writeBuildPrograms(scratch, request.project.environment);
  env.PATH = [programs, env.PATH].join(delimiter);
  await checkRuntimes(buildspec, env, input);
  log.agent(`Moving to directory ${paths.source}`);
  const { cache: cacheSpec } = buildspec;
  await cache.restore(cacheSpec && (await expandCacheKeys(cacheSpec, { cwd: paths.source, env })));
  logPhases(buildspec, log);

  const shell = new BuildShell({
    shell: buildspec.env.shell ?? '/bin/sh',
    cwd: paths.source,
    env,
    scratchDirectory: scratch,
    // https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-cmd.html
    separate: buildspec.version === '0.1',
    clock: deps.clock,
    ...(deps.ledger !== undefined && { ledger: deps.ledger }),
    onLine: (line) => log.line(line),
  });
  return { buildspec, variables, shell, cache, paths };
}

function secondarySourceVariables({ secondarySources = {} }: BuildRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secondarySources).map(([id, directory]) => [
      `CODEBUILD_SRC_DIR_${id}`,
      directory,
    ]),
  );
}

async function checkRuntimes(
  buildspec: Buildspec,
  env: Readonly<Record<string, string>>,
  { request, log, deps }: PreparationInput,
): Promise<void> {
  const { image } = request.project.environment;
  const runtimes = Object.entries(buildspec.phases.install?.['runtime-versions'] ?? {});
  if (runtimes.length === 0) return log.agent('No runtime version selected in buildspec.');
  if (!image.startsWith('aws/codebuild/')) {
    return log.agent(
      'Skipping install of runtimes. Runtime version selection is not supported by this build image.',
    );
  }
  for (const [runtime, version] of runtimes) {
    const installed = await installedVersion(runtime, env);
    const message = checkRuntime(runtime, version, image, installed);
    log.agent(`Selecting '${runtime}' runtime version '${version}' based on manual selections...`);
    if (message === undefined) continue;
    deps.events.emit({ kind: 'unproven', time: isoTime(deps.clock.now()), message });
  }
}

async function installedVersion(
  runtime: string,
  env: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const [program, ...args] = versionCommand(runtime) ?? [];
  if (program === undefined) return undefined;
  try {
    const { exitCode, stdout, stderr } = await runCommand(program, args, { env });
    return exitCode === 0 ? stdout.trim() || stderr.trim() : undefined;
  } catch (error) {
    if (error instanceof RehearsalError) return undefined;
    throw error;
  }
}

function nameUnplayedKeys(buildspec: Buildspec, { request, deps }: PreparationInput): void {
  const { image, type } = request.project.environment;
  const messages = [
    `the build ran in a shell of this machine (${process.platform} ${process.arch}), not in ${image} (${type})`,
    ...Object.entries(buildspec.phases).flatMap(([name, { 'on-failure': onFailure }]) =>
      // CodeBuild retries no build for CodePipeline, and says nothing of this key there.
      onFailure?.startsWith('RETRY')
        ? [
            `'on-failure: ${onFailure}' of the phase ${name} is not played: a failed build fails at once`,
          ]
        : [],
    ),
    ...usersOf(buildspec).map(
      (user) =>
        `the commands that '${user}' runs (run-as) ran as the person who rehearses, as all others did`,
    ),
    ...(buildspec.batch === undefined || request.batchIdentifier !== undefined
      ? []
      : ["the buildspec's batch was not used: the action starts one build"]),
    ...(buildspec.proxy === undefined ? [] : ["the buildspec's proxy was not used"]),
  ];
  for (const message of messages) {
    deps.events.emit({ kind: 'unproven', time: isoTime(deps.clock.now()), message });
  }
}

/** Users other than root that commands are meant to run as. */
function usersOf(buildspec: Buildspec): string[] {
  const phases = Object.values(buildspec.phases).map((phase) => phase['run-as']);
  const users = [buildspec['run-as'], ...phases].filter((user) => user !== undefined);
  return [...new Set(users)].filter((user) => user !== 'root');
}

function logPhases({ phases }: Buildspec, log: BuildLog): void {
  const found = Object.entries(phases);
  log.agent(`Phases found in YAML: ${found.length}`);
  for (const [name, { commands }] of found) {
    log.agent(` ${name.toUpperCase()}: ${commands.length} commands`);
  }
}
