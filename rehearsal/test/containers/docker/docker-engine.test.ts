import { jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../../src/clock';
import type {
  ContainerEngine,
  ContainerSpec,
  RunningContainer,
} from '../../../src/containers/container-engine';
import { DockerClient, RUN_LABEL } from '../../../src/containers/docker/docker-client';
import { createDockerEngine } from '../../../src/containers/docker/docker-engine';
import { ImageNames } from '../../../src/containers/docker/image-names';
import { findDocker, type UsableDocker } from '../../../src/containers/find-docker';
import { AuthorizationTokens } from '../../../src/ecr/authorization-tokens';
import { BlobStore } from '../../../src/ecr/blob-store';
import { ImageStore } from '../../../src/ecr/image-store';
import { RegistryServer } from '../../../src/ecr/registry-server';
import { removeLeftovers } from '../../../src/leftovers';
import { childEnvironment } from '../../../src/process/child-environment';
import { runCommand } from '../../../src/process/run-command';
import { RunDirectory } from '../../../src/run-directory';
import { DatagramClient } from '../../_helpers/datagram-client';
import { recordingEvents } from '../../_helpers/recording-events';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { Output } from '../_output';
import { DOCKERFILE, ECHO, type Project, SERVER, writeProject } from '../_project';

// Real containers on a machine that may be busy.
jest.setTimeout(120_000);

const BASE_IMAGE = /NODE_IMAGE=(\S+)/.exec(DOCKERFILE)![1]!;
const OPERATOR = { kind: 'operator' } as const;
const ALLOW_ALL = { authorize: () => ({ allowed: true }) as const };

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

(reason === undefined ? describe : describe.skip)('a container with Docker', () => {
  // Skipped tests are collected all the same, so that the summary counts them.
  const docker = search.found ? search.docker : NO_DOCKER;
  const scratch = scratchDirectory();
  const runId = `test-${process.pid}`;
  const clock = new SystemClock();
  const { stream, events } = recordingEvents();
  const store = new ImageStore('000000000000', 'ap-northeast-2', clock, stream);
  const tokens = new AuthorizationTokens(clock);
  const environment = childEnvironment(process.env, join(scratch, 'home'));
  const client = new DockerClient(docker, environment, join(scratch, 'config'));
  let registry: RegistryServer;
  let engine: ContainerEngine;
  let image: ContainerSpec['image'];
  let output = new Output();
  const containers: RunningContainer[] = [];

  beforeAll(async () => {
    registry = await RegistryServer.start({
      images: store,
      tokens,
      authorizer: ALLOW_ALL,
      blobs: new BlobStore(join(scratch, 'registry')),
    });
    engine = await createDockerEngine({
      docker,
      environment,
      registryEndpoint: registry.host,
      registryHost: store.registryHost,
      registryPassword: () => tokens.issueToken(OPERATOR),
      runId,
      imageNames: new ImageNames(join(scratch, 'image-names')),
      runDirectory: mkdtempSync(join(scratch, 'run-')),
      clock,
      events: stream,
    });
    store.createRepository('shop/api');
    image = await release({ 'server.js': SERVER, Dockerfile: DOCKERFILE });
  });

  afterEach(async () => {
    await Promise.all(containers.splice(0).map((container) => container.kill()));
    output = new Output();
  });

  afterAll(async () => {
    await engine.close();
    await registry.close();
  });

  /** Calls docker as a script does; the stand-in's answer is the program that then runs. */
  async function script(argv: readonly string[], input = '') {
    const home = join(scratch, 'home');
    mkdirSync(home, { recursive: true });
    const text = { stdout: '', stderr: '' };
    const outcome = await engine.docker({
      session: { caller: OPERATOR, region: store.region, account: store.account },
      argv,
      cwd: join(scratch, 'project'),
      env: { ...environment, HOME: home },
      stdin: '',
      stdout: (more) => (text.stdout += more),
      stderr: (more) => (text.stderr += more),
    });
    if (!('exec' in outcome)) return { ...text, status: outcome.exitCode };
    const { exec } = outcome;
    const result = await runCommand(exec.file, exec.args, {
      cwd: join(scratch, 'project'),
      env: { ...environment, HOME: home, ...exec.env },
      input,
    });
    return { ...result, status: result.exitCode };
  }

  async function release(files: Project, tag = 'abc1234'): Promise<ContainerSpec['image']> {
    writeProject(join(scratch, 'project'), files);
    const name = `${store.registryHost}/shop/api:${tag}`;
    const host = store.registryHost;
    const steps = [
      await script(
        ['login', '--username', 'AWS', '--password-stdin', host],
        tokens.issueToken(OPERATOR),
      ),
      await script([
        ...['build', '--platform', 'linux/s390x', '--build-arg', `COMMIT=${tag}`],
        ...['-t', name, '.'],
      ]),
      await script(['push', name]),
    ];
    expect(steps.map(({ status, stderr }) => (status === 0 ? '' : stderr))).toEqual(['', '', '']);
    return { repositoryName: 'shop/api', digest: store.findImage('shop/api', tag)!.digest };
  }

  async function run(change: Partial<ContainerSpec> = {}): Promise<RunningContainer> {
    const spec: ContainerSpec = {
      name: `${runId}-${Math.random().toString(36).slice(2)}`,
      image,
      environment: {},
      readonlyRootFilesystem: true,
      dropCapabilities: ['ALL'],
      initProcessEnabled: false,
      cpuUnits: 256,
      memoryMiB: 128,
      containerPorts: [3000],
      onOutput: output.onOutput,
      ...change,
    };
    await engine.pull(spec.image);
    const container = await engine.run(spec);
    containers.push(container);
    return container;
  }

  const inspect = async (id: string) =>
    JSON.parse(
      await client.require(['inspect', '--format', '{{json .HostConfig}}', id]),
    ) as unknown;

  it('answers at a port of 127.0.0.1, with its output line by line', async () => {
    const container = await run();
    await output.heard('stdout: listening');
    const answer = await fetch(`http://127.0.0.1:${container.hostPorts.get(3000)!}`);
    expect(await answer.json()).toMatchObject({ commit: 'abc1234' });
  });

  it('takes datagrams at a port of 127.0.0.1', async () => {
    const files = { 'server.js': ECHO, Dockerfile: DOCKERFILE };
    const container = await run({ image: await release(files, 'echo123') });
    const client = new DatagramClient();
    await output.heard('stdout: listening');
    expect(await client.ask(container.udpHostPorts.get(3000)!, 'hello')).toBe('echo hello');
    client.close();
  });

  it('is measured while it runs', async () => {
    const container = await run();
    await output.heard('stdout: listening');
    const usage = await container.usage();
    expect(usage?.cpus).toBeGreaterThanOrEqual(0);
    expect(usage?.memoryBytes).toBeGreaterThan(1024 ** 2);
    await container.kill();
    expect(await container.usage()).toBeUndefined();
  });

  it('has the limits of the task definition and cannot gain privileges', async () => {
    const { id } = await run();
    expect(await inspect(id)).toMatchObject({
      Memory: 128 * 1024 * 1024,
      MemorySwap: 128 * 1024 * 1024,
      NanoCpus: 250_000_000,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      Privileged: false,
      SecurityOpt: ['no-new-privileges'],
      PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1' }] },
    });
  });

  it('has what the task definition gives it in memory, and as many open files', async () => {
    const container = await run({
      openFiles: { soft: 2000, hard: 3000 },
      tmpfs: [{ containerPath: '/scratch', sizeMiB: 8, mountOptions: ['noexec'] }],
    });
    // Asked of a shell: Node.js raises the soft limit to the hard one when it starts.
    const look = [
      'touch /scratch/x',
      'grep -q "^tmpfs /scratch tmpfs .*noexec.*size=8192k" /proc/mounts',
      'test "$(ulimit -Sn) $(ulimit -Hn)" = "2000 3000"',
    ].join(' && ');
    expect(await container.exec(['sh', '-c', look], 30_000)).toBe(0);
  });

  it('cannot write anywhere, is not root, and has no capability left or to gain', async () => {
    // From inside: what the kernel says, not what Docker was asked for.
    const look = `
      const fs = require('node:fs');
      const denied = (path) => {
        try { fs.writeFileSync(path + '/x', ''); return 'written'; } catch ({ code }) { return code; }
      };
      const status = fs.readFileSync('/proc/self/status', 'utf8');
      const line = (name) => new RegExp('^' + name + ':[ \t]*(.*)$', 'm').exec(status)[1];
      console.log(JSON.stringify({
        writes: ['/', '/tmp', '/app', '/etc', '/home/node'].map(denied),
        uid: process.getuid(),
        capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(line),
        noNewPrivileges: line('NoNewPrivs'),
      }));`;
    const { exited } = await run({ command: ['node', '-e', look], user: '1000:1000' });
    expect(await exited).toEqual({ exitCode: 0 });
    const seen = output.lines.find((text) => text.startsWith('stdout: {')) ?? '';
    const { writes, ...rest } = JSON.parse(seen.slice('stdout: '.length)) as {
      writes: string[];
    };
    expect(rest).toEqual({
      uid: 1000,
      capabilities: Array(5).fill('0000000000000000'),
      noNewPrivileges: '1',
    });
    // Read-only, forbidden, or not there: never written.
    expect(writes[0]).toBe('EROFS');
    expect(writes.filter((code) => !/^E(ROFS|ACCES|NOENT)$/.test(code))).toEqual([]);
  });

  it('stops with the exit code of its SIGTERM handler, and is removed', async () => {
    const container = await run();
    await output.heard('listening');
    expect(await container.stop(30_000)).toEqual({ exitCode: 0 });
    expect(output.lines).toContain('stderr: stopping');
    expect((await client.run(['inspect', container.id])).exitCode).not.toBe(0);
  });

  it('is killed with 137 when it does not stop in time', async () => {
    const container = await run({
      command: ['node', '-e', 'setInterval(() => {}, 1000); console.log("listening")'],
    });
    await output.heard('listening');
    expect(await container.stop(1000)).toEqual({ exitCode: 137 });
  });

  it('says when it ran out of memory, in the words of ECS', async () => {
    const eat = 'const all = []; for (;;) all.push(Buffer.alloc(8e6, 1))';
    const container = await run({ memoryMiB: 64, command: ['node', '-e', eat] });
    expect(await container.exited).toEqual({
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
  });

  it('runs health checks inside', async () => {
    const container = await run();
    await output.heard('listening');
    const check = (port: number) =>
      `fetch('http://localhost:${port}').then(() => process.exit(0), () => process.exit(1))`;
    expect(await container.exec(['node', '-e', check(3000)], 30_000)).toBe(0);
    expect(await container.exec(['node', '-e', check(3001)], 30_000)).toBe(1);
  });

  it('cannot be started with a command that does not exist, and leaves nothing', async () => {
    const name = `${runId}-broken`;
    await expect(run({ name, command: ['/no/such/program'] })).rejects.toThrow('no such file');
    expect((await client.run(['inspect', name])).exitCode).not.toBe(0);
  });

  it('is refused when it would run as root', async () => {
    await expect(run({ user: 'root' })).rejects.toThrow("would run as root (user 'root')");
  });

  it('cannot be pulled by a digest that was never pushed, in the words of ECS', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    await expect(engine.pull({ repositoryName: 'shop/api', digest })).rejects.toThrow(
      `failed to resolve ref ${store.registryHost}/shop/api@${digest}: not found`,
    );
  });

  it('is not started by scripts, whose docker run is refused by name', async () => {
    expect(await script(['run', '--rm', '-d', BASE_IMAGE])).toMatchObject({
      status: 125,
      stderr: expect.stringContaining("'docker run' is not played"),
    });
  });

  it('notes that the image for another processor was not built', () => {
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'unproven',
        message: expect.stringContaining('linux/s390x'),
      }),
    );
  });

  it('is removed with its images when the engine that started it was killed, and kept while it lives', async () => {
    const home = join(scratch, 'killed');
    const dead = RunDirectory.create(home, clock.now());
    writeFileSync(join(dead.path, 'engine.pid'), `${process.pid} 1`);
    const names = ['127.0.0.1:1/dead/api:latest', `rehearsal-test-${process.pid}:dead`];
    for (const name of names) await client.require(['tag', BASE_IMAGE, name]);
    dead.imageNames.add('127.0.0.1:1/');
    dead.imageNames.add(names[1]!);
    const left = await client.require([
      ...['run', '--detach', '--user', '1000', '--label', `${RUN_LABEL}=${dead.id}`],
      ...[BASE_IMAGE, 'node', '-e', 'setInterval(() => {}, 1000)'],
    ]);
    const { id } = await run();
    expect(await removeLeftovers(home, search, process.env)).toEqual([dead.id]);
    for (const gone of [left, ...names]) {
      expect((await client.run(['inspect', gone])).exitCode).not.toBe(0);
    }
    expect((await client.run(['inspect', id])).exitCode).toBe(0);
    expect((await client.run(['image', 'inspect', BASE_IMAGE])).exitCode).toBe(0);
  });

  it('leaves no container and no image of the run behind', async () => {
    await run();
    await engine.close();
    const filter = `label=${RUN_LABEL}=${runId}`;
    expect(await client.require(['ps', '--all', '--quiet', '--filter', filter])).toBe('');
    const names = await client.require(['images', '--format', '{{.Repository}}']);
    expect(names).not.toContain(registry.host);
  });
});
