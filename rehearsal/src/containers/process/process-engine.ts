import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, isoTime } from '../../clock';
import type { AuthorizationTokens } from '../../ecr/authorization-tokens';
import type { ImageCatalog } from '../../ecr/image-catalog';
import type { EventStream } from '../../events';
import type { Authorizer } from '../../iam/authorizer';
import type { ProcessLedger } from '../../process/process-ledger';
import type { ContainerEngine, ContainerSpec, RunningContainer } from '../container-engine';
import { hostPlatform } from '../platforms';
import { imageNotPlayed, isOutsideImage, type TaskImage } from '../task-image';
import { startContainerProcess } from './container-process';
import { createDockerProgram } from './docker-program';
import { FreePorts } from './free-port';
import { type LocalImage, LocalImages } from './local-images';

export interface ProcessEngineOptions {
  readonly catalog: ImageCatalog;
  /** Passwords that `docker login` accepts, and who they were issued to */
  readonly tokens: Pick<AuthorizationTokens, 'check'>;
  readonly authorizer: Authorizer;
  /** Directory of this run for images and containers */
  readonly runDirectory: string;
  /** See `childEnvironment`: what programs on this machine need, and nothing that reaches AWS */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly events: EventStream;
  readonly ledger: ProcessLedger;
}

const UNPROVEN = [
  'Containers ran as processes of this machine: CPU and memory limits, the read-only root file system, dropped capabilities and the user of the image were not enforced.',
  'The Dockerfile was played on this machine, not by Docker: layers, file owners and the base image were not exercised.',
];

/**
 * Containers without Docker: Dockerfile steps run on this machine in scratch directories, and tasks
 * run as process groups of this machine, each Node.js process with the container's ports.
 */
export function createProcessEngine(options: ProcessEngineOptions): ContainerEngine {
  const { catalog, runDirectory, environment, clock, events, ledger } = options;
  const images = new LocalImages();
  /** `repository@digest` → what was pushed under it */
  const pushed = new Map<string, LocalImage>();
  const ports = new FreePorts();
  const running = new Set<RunningContainer>();
  const unproven = (message: string) =>
    events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });

  const imageOf = (wanted: TaskImage) => {
    if (isOutsideImage(wanted)) throw imageNotPlayed(wanted.reference);
    const { repositoryName, digest } = wanted;
    const image = pushed.get(`${repositoryName}@${digest}`);
    if (image !== undefined) return image;
    throw new Error(
      `pull image manifest has been retried 1 time(s): failed to resolve ref ${catalog.registryHost}/${repositoryName}@${digest}: not found`,
    );
  };

  return {
    name: 'process',
    description: `host processes (no Docker), Node.js ${process.versions.node}, ${hostPlatform()}`,
    unproven: UNPROVEN,
    docker: createDockerProgram({
      ...options,
      images,
      pushed,
      logins: new Map(),
      builds: { count: 0 },
      unproven,
    }),
    pull: (image) => Promise.resolve(image).then((wanted) => void imageOf(wanted)),
    run: async (spec) => {
      const image = imageOf(spec.image);
      const directory = join(runDirectory, 'containers', spec.name.replace(/[^\w.-]/g, '-'));
      const root = prepareRoot(directory, image, spec);
      const host = hostEnvironment(environment, directory, spec.name);
      const container = await startContainerProcess({
        spec,
        image,
        root,
        host,
        ports,
        clock,
        ledger,
      });
      running.add(container);
      for (const message of unenforced(spec)) unproven(message);
      void container.exited.then(() => {
        running.delete(container);
        rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
      });
      return container;
    },
    close: async () => {
      await Promise.all([...running].map((container) => container.kill()));
      for (const name of ['containers', 'images']) {
        rmSync(join(runDirectory, name), { recursive: true, force: true, maxRetries: 3 });
      }
    },
  };
}

/** What a container asks of the kernel that a process of this machine does not get. */
function unenforced({ openFiles, tmpfs = [] }: ContainerSpec): string[] {
  return [
    ...(openFiles === undefined
      ? []
      : [
          `a container may open ${openFiles.hard} files (ulimit nofile), which processes were not held to`,
        ]),
    ...tmpfs.map(
      ({ containerPath }) =>
        `a container has ${containerPath} in its memory (tmpfs); processes wrote to the disk of this machine`,
    ),
  ];
}

/** A container that may write gets its own copy; one that only reads shares the image's files. */
function prepareRoot(directory: string, image: LocalImage, spec: ContainerSpec): string {
  mkdirSync(join(directory, 'home'), { recursive: true });
  if (spec.readonlyRootFilesystem) return image.root;
  const root = join(directory, 'root');
  cpSync(image.root, root, { recursive: true, verbatimSymlinks: true });
  return root;
}

/** What a container sees of this machine: where programs are, and what keeps SDKs from AWS. */
function hostEnvironment(
  environment: Readonly<Record<string, string>>,
  directory: string,
  hostname: string,
): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => /^(PATH|AWS_.*)$/.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: join(directory, 'home'),
    TMPDIR: tmpdir(),
    HOSTNAME: hostname,
  };
}
