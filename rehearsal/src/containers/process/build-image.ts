import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Clock } from '../../clock';
import { RehearsalError } from '../../errors';
import type { ProcessLedger } from '../../process/process-ledger';
import type { BuildRequest } from '../build-arguments';
import { parseImageReference } from '../image-reference';
import { foreignPlatformSentence, hostPlatform } from '../platforms';
import {
  type Dockerfile,
  dockerfileError,
  parseDockerfile,
  type Stage as StageSource,
} from './dockerfile';
import { parseDockerignore } from './dockerignore';
import { splitAssignments } from './dockerfile-words';
import { type FileTree, readFileTree } from './file-tree';
import { playInstruction } from './instructions';
import { findStage, neededStages, targetStage } from './stage-graph';
import { digestOf, type LocalImage, type LocalImages } from './local-images';
import { type Build, expandIn, Stage } from './stage';

export interface BuildOptions {
  readonly request: BuildRequest;
  /** Where FROM and COPY --from find images that were built before */
  readonly images: LocalImages;
  /** Empty directory for the stages; the image keeps living in it */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly ledger?: ProcessLedger;
  /** A line of progress, as BuildKit prints it with --progress=plain */
  readonly output: (line: string) => void;
  /** Something that this build cannot show, one sentence */
  readonly unproven: (sentence: string) => void;
}

/**
 * Plays a Dockerfile without Docker: each stage is a directory, RUN steps run on this machine in it.
 * As with BuildKit only the stages that the target needs are built.
 *
 * @returns the image; not yet named or kept
 * @throws RehearsalError with the path and line of the instruction that failed or cannot be played
 */
export async function buildImage(options: BuildOptions): Promise<LocalImage> {
  const { request, directory, clock } = options;
  const dockerfile = readDockerfile(request);
  const built = new Map<StageSource, Stage>();
  const build = shareBuild(options, dockerfile, built);
  const baseOf = ({ from }: StageSource) =>
    expandIn(dockerfile.path, from, from.text.split(/\s/)[0] ?? '', build.globalArgs);
  const target = targetStage(dockerfile, request);
  for (const source of neededStages(dockerfile, target, baseOf)) {
    const index = dockerfile.stages.indexOf(source);
    const stage = new Stage(build, join(directory, `stage-${index}`));
    startFrom(
      stage,
      source,
      baseOf(source),
      built.get(findStage(dockerfile, baseOf(source)) ?? source),
      options,
    );
    await playStage(stage, source, index);
    built.set(source, stage);
  }
  const unused = Object.keys(request.buildArgs).filter((name) => !build.consumedArgs.has(name));
  if (unused.length > 0) {
    options.output(`[Warning] One or more build-args [${unused.join(' ')}] were not consumed`);
  }
  const final = built.get(target);
  if (final === undefined) throw new Error('the target stage was not built');
  Object.assign(final.labels, request.labels);
  for (const stage of built.values()) {
    if (stage !== final) rmSync(stage.root, { recursive: true, force: true });
  }
  const { id, size } = digestOf(final.root, final.config);
  return { id, size, root: final.root, config: final.config, createdAt: clock.now() };
}

function readDockerfile(request: BuildRequest): Dockerfile {
  for (const path of [request.contextDirectory, request.dockerfile]) {
    if (existsSync(path)) continue;
    throw new RehearsalError(
      'BuildInputMissing',
      `docker build: '${path}' does not exist. Name the directory to build and, with -f, its Dockerfile.`,
    );
  }
  const shown = relative(request.contextDirectory, request.dockerfile);
  return parseDockerfile(readFileSync(request.dockerfile, 'utf8'), shown);
}

function shareBuild(
  options: BuildOptions,
  dockerfile: Dockerfile,
  built: ReadonlyMap<StageSource, Stage>,
): Build {
  const { request, images, environment, clock, ledger, output, unproven } = options;
  const platform = hostPlatform();
  if (request.platform !== undefined && request.platform !== platform) {
    unproven(foreignPlatformSentence(request.platform, platform));
  }
  const consumedArgs = new Set<string>();
  const trees = new Map<string, FileTree>();
  const treeOf = (root: string) => {
    const tree = trees.get(root) ?? readFileTree(root);
    trees.set(root, tree);
    return tree;
  };
  let context: FileTree | undefined;
  return {
    request,
    dockerfile: dockerfile.path,
    environment,
    globalArgs: globalArgs(dockerfile, request, platform, consumedArgs),
    context: () => (context ??= readContext(request)),
    filesOf: (name) => {
      const stage = built.get(findStage(dockerfile, name) ?? ({} as StageSource));
      const root = stage?.root ?? images.find(name)?.root;
      return root === undefined ? undefined : treeOf(root);
    },
    consumedArgs,
    clock,
    ledger,
    output,
    unproven,
  };
}

/** A file beside the Dockerfile that is named after it wins over the context's own. */
function readContext({ contextDirectory, dockerfile }: BuildRequest): FileTree {
  const rules = [`${dockerfile}.dockerignore`, join(contextDirectory, '.dockerignore')].find(
    (path) => existsSync(path),
  );
  return readFileTree(
    contextDirectory,
    rules === undefined ? undefined : parseDockerignore(readFileSync(rules, 'utf8')),
  );
}

/** https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
function globalArgs(
  dockerfile: Dockerfile,
  request: BuildRequest,
  platform: string,
  consumed: Set<string>,
): Record<string, string> {
  const [os = '', architecture = ''] = platform.split('/');
  const values: Record<string, string> = {};
  for (const prefix of ['BUILD', 'TARGET']) {
    values[`${prefix}PLATFORM`] = platform;
    values[`${prefix}OS`] = os;
    values[`${prefix}ARCH`] = architecture;
    values[`${prefix}VARIANT`] = '';
  }
  for (const instruction of dockerfile.globalArgs) {
    for (const [name, value] of splitAssignments(instruction.text)) {
      const given = request.buildArgs[name];
      if (given !== undefined) consumed.add(name);
      const result =
        given ??
        (value === undefined ? undefined : expandIn(dockerfile.path, instruction, value, values));
      if (result !== undefined) values[name] = result;
    }
  }
  return values;
}

/** FROM: another stage, an image built before, nothing, or this machine in place of a base image. */
function startFrom(
  stage: Stage,
  { from }: StageSource,
  base: string,
  earlier: Stage | undefined,
  { images, unproven }: BuildOptions,
): void {
  const { dockerfile, globalArgs } = stage.build;
  for (const { name, value } of from.flags) {
    const platform = expandIn(dockerfile, from, value, globalArgs);
    if (name !== 'platform') stage.checkFlags(from, ['platform']);
    else if (platform !== hostPlatform()) {
      unproven(foreignPlatformSentence(platform, hostPlatform()));
    }
  }
  if (base === '') {
    throw dockerfileError(dockerfile, from, 'base name should not be blank; name an image.');
  }
  const image = images.find(base);
  if (earlier !== undefined) stage.inherit(earlier.root, earlier.config);
  else if (image !== undefined) stage.inherit(image.root, image.config);
  else if (base !== 'scratch') {
    if (parseImageReference(base) === undefined) {
      throw dockerfileError(
        dockerfile,
        from,
        `'${base}' is no image name; expected one such as node:22-slim or example.com/base@sha256:….`,
      );
    }
    stage.baseImage = base;
    unproven(
      `The base image ${base} was not used; this machine with Node.js ${process.versions.node} stood in for it.`,
    );
  }
}

/** Instructions that BuildKit counts as steps. */
const STEPS = new Set(['ADD', 'COPY', 'RUN', 'WORKDIR']);

async function playStage(stage: Stage, source: StageSource, index: number): Promise<void> {
  const name = source.name ?? `stage-${index}`;
  const total = 1 + source.instructions.filter(({ keyword }) => STEPS.has(keyword)).length;
  let step = 1;
  stage.build.output(`[${name} 1/${total}] FROM ${stage.baseImage ?? source.from.text}`);
  for (const instruction of source.instructions) {
    if (STEPS.has(instruction.keyword)) {
      step += 1;
      stage.build.output(`[${name} ${step}/${total}] ${instruction.keyword} ${instruction.text}`);
    }
    await playInstruction(stage, instruction);
  }
}
