import { jest } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../../src/clock';
import type { ContainerEngine } from '../../../src/containers/container-engine';
import { DockerClient } from '../../../src/containers/docker/docker-client';
import { createDockerEngine } from '../../../src/containers/docker/docker-engine';
import { ImageNames } from '../../../src/containers/docker/image-names';
import { digestOf } from '../../../src/containers/docker/outside-image';
import { findDocker, type UsableDocker } from '../../../src/containers/find-docker';
import { AuthorizationTokens } from '../../../src/ecr/authorization-tokens';
import { BlobStore } from '../../../src/ecr/blob-store';
import { ImageStore } from '../../../src/ecr/image-store';
import { RegistryServer } from '../../../src/ecr/registry-server';
import type { EcsControlPlane } from '../../../src/ecs/ecs-control-plane';
import { childEnvironment } from '../../../src/process/child-environment';
import { runCommand } from '../../../src/process/run-command';
import { recordingEvents } from '../../_helpers/recording-events';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { ecsAccount, serviceResource } from '../../ecs/_helpers/ecs-account';
import { rehearse, untrue } from '../../scenarios/_rehearse';
import { DOCKERFILE } from '../_project';

// Real containers on a machine that may be busy.
jest.setTimeout(240_000);

const digest = (character: string) => `sha256:${character.repeat(64)}`;

test.each([
  ['nginx', [`nginx@${digest('a')}`], digest('a')],
  ['docker.io/library/nginx:1.27', [`nginx@${digest('a')}`], digest('a')],
  [
    'public.ecr.aws/nginx/nginx:1',
    [`nginx@${digest('a')}`, `public.ecr.aws/nginx/nginx@${digest('b')}`],
    digest('b'),
  ],
  ['registry.invalid/tagged:1', [`nginx@${digest('a')}`], undefined],
])('%s has the digest of its own repository', (reference, repoDigests, expected) => {
  expect(digestOf(reference, repoDigests)).toBe(expected);
});

const BASE_IMAGE = /NODE_IMAGE=(\S+)/.exec(DOCKERFILE)![1]!;
/** Of a top-level domain that never exists (RFC 6761), so that nothing can be fetched. */
const SIDECAR = `registry.invalid/rehearsal-${process.pid}/sidecar:1`;

const NO_DOCKER: UsableDocker = {
  path: 'docker',
  serverVersion: '',
  platform: '',
  cpus: 0,
  connection: {},
  pluginDirectory: undefined,
};

const search = await findDocker(process.env);
const reason = search.found
  ? (await runCommand(search.docker.path, ['image', 'inspect', BASE_IMAGE])).exitCode === 0
    ? undefined
    : `there is no image ${BASE_IMAGE} to build on`
  : search.reason;
if (reason !== undefined) console.warn(`Tests with Docker are skipped: ${reason}`);

(reason === undefined ? describe : describe.skip)('an image of another registry', () => {
  const docker = search.found ? search.docker : NO_DOCKER;
  const scratch = scratchDirectory();
  const clock = new SystemClock();
  const { stream, events } = recordingEvents();
  const environment = childEnvironment(process.env, join(scratch, 'home'));
  const client = new DockerClient(docker, environment, join(scratch, 'config'));
  let registry: RegistryServer;
  let engine: ContainerEngine;
  const made = new Set<string>();
  const started: EcsControlPlane[] = [];

  beforeAll(async () => {
    const images = new ImageStore('000000000000', 'ap-northeast-2', clock, stream);
    const tokens = new AuthorizationTokens(clock);
    registry = await RegistryServer.start({
      images,
      tokens,
      authorizer: { authorize: () => ({ allowed: true }) },
      blobs: new BlobStore(join(scratch, 'registry')),
    });
    engine = await createDockerEngine({
      docker,
      environment,
      registryEndpoint: registry.host,
      registryHost: images.registryHost,
      registryPassword: () => tokens.issueToken({ kind: 'operator' }),
      runId: `test-outside-${process.pid}`,
      imageNames: new ImageNames(join(scratch, 'image-names')),
      runDirectory: join(scratch, 'run'),
      clock,
      events: stream,
    });
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((controlPlane) => controlPlane.close()));
  });

  afterAll(async () => {
    await engine.close();
    await registry.close();
    for (const id of made) await client.run(['rmi', id]);
  });

  /** Gives the name to an image that says a word and stays. */
  async function make(word: string, user = '1000'): Promise<void> {
    const directory = join(scratch, word);
    mkdirSync(directory);
    const program = `console.log('${word}'); setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit());`;
    writeFileSync(
      join(directory, 'Dockerfile'),
      `FROM ${BASE_IMAGE}\nUSER ${user}\nCMD ${JSON.stringify(['node', '-e', program])}\n`,
    );
    made.add(await client.require(['build', '--quiet', '-t', SIDECAR, directory]));
  }

  /** A service of one container, and what it says. */
  function service(Image = SIDECAR) {
    const ecs = ecsAccount({
      containers: engine,
      taskDefinition: {
        ContainerDefinitions: [{ Name: 'sidecar', Image }],
        ExecutionRoleArn: undefined,
        TaskRoleArn: undefined,
      },
    });
    const words: string[] = [];
    let said: () => void = () => undefined;
    ecs.stream.subscribe((event) => {
      if (event.kind === 'log') words.push(event.message);
      said();
    });
    const next = (isDone: () => boolean) =>
      new Promise<void>((resolve) => {
        said = () => {
          if (isDone()) resolve();
        };
        said();
      });
    const change = (request: { desiredCount?: number; forceNewDeployment?: boolean }) =>
      ecs.controlPlane.updateService({ cluster: 'practice', service: 'api-service', ...request });
    started.push(ecs.controlPlane);
    ecs.controlPlane.createService(serviceResource({ DesiredCount: 1, LoadBalancers: [] }));
    return { ...ecs, change, words, next };
  }

  it('is what this machine has by its name, the same for all tasks of a deployment', async () => {
    await make('one');
    const { change, clock: time, controlPlane, next, words } = service();
    await time.advance(1000);
    await next(() => words.length === 1);
    await make('two');
    change({ desiredCount: 2 });
    await time.advance(10_000);
    await next(() => words.length === 2);

    expect(words).toEqual(['one', 'one']);
    change({ forceNewDeployment: true });
    await time.advance(10_000);
    await next(() => words.length === 4);
    expect(words.slice(2)).toEqual(['two', 'two']);
    const digests = controlPlane.tasks().map(({ containers }) => containers[0]?.imageDigest);
    expect(new Set(digests).size).toBe(2);
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'unproven',
        message: expect.stringContaining(
          `The image '${SIDECAR}' of another registry is what this machine had of it`,
        ),
      }),
    );
  });

  it('runs beside the container that a pipeline releases, and the report says what it was', async () => {
    await make('beside');
    const result = await rehearse(
      scratch,
      ['release'],
      ({ Resources }) => {
        const { ContainerDefinitions } = Resources['Task']!.Properties as {
          ContainerDefinitions: unknown[];
        };
        ContainerDefinitions.push({ Name: 'sidecar', Image: SIDECAR, Essential: true });
      },
      // The faster, the less time real containers have before CodePipeline gives up.
      { engine: 'docker', speed: 5 },
    );

    expect(untrue(result)).toEqual({});
    expect(result.report.unproven.join('\n')).toContain(
      `The image '${SIDECAR}' of another registry is what this machine had of it`,
    );
  });

  it('that would run as root is refused with what a person can do', async () => {
    await make('root', '0');
    const { clock: time, controlPlane, next } = service();
    await time.advance(1000);
    const playable = () => {
      try {
        controlPlane.checkPlayable();
        return true;
      } catch {
        return false;
      }
    };
    await next(() => !playable());

    expect(() => controlPlane.checkPlayable()).toThrow(
      `Set User in the task definition, e.g. 1000:1000, or go on without the container: --allow-unplayed ${SIDECAR}`,
    );
  });

  it('that cannot be fetched stops the task with what Docker said', async () => {
    const missing = 'registry.invalid/missing:1';
    const { clock: time, controlPlane, next } = service(missing);
    const stopped = () => controlPlane.tasks().find(({ stoppedReason }) => stoppedReason);
    await time.advance(1000);
    await next(() => stopped() !== undefined);

    expect(stopped()?.stoppedReason).toMatch(
      /^CannotPullContainerError: pull image manifest has been retried 1 time\(s\): failed to resolve ref registry\.invalid\/missing:1: .*registry\.invalid/,
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'unproven',
        message: expect.stringContaining(`'${missing}' of another registry could not be fetched`),
      }),
    );
  });
});
