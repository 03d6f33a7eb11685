import { jest } from '@jest/globals';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../../../src/clock';
import type {
  ContainerEngine,
  ContainerSpec,
  RunningContainer,
} from '../../../src/containers/container-engine';
import { createProcessEngine } from '../../../src/containers/process/process-engine';
import { AuthorizationTokens } from '../../../src/ecr/authorization-tokens';
import { ImageStore } from '../../../src/ecr/image-store';
import { childEnvironment } from '../../../src/process/child-environment';
import { ProcessLedger } from '../../../src/process/process-ledger';
import { DatagramClient } from '../../_helpers/datagram-client';
import { recordingEvents } from '../../_helpers/recording-events';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { Output } from '../_output';
import { DOCKERFILE, ECHO, type Project, SERVER, writeProject } from '../_project';

const ACCOUNT = '000000000000';
const REGION = 'ap-northeast-2';
const REPOSITORY = 'shop/api';
const OPERATOR = { kind: 'operator' } as const;

// Real processes on a machine that may be busy.
jest.setTimeout(60_000);

const scratch = scratchDirectory();
let directory: string;
let engine: ContainerEngine;
let store: ImageStore;
let tokens: AuthorizationTokens;
let output: Output;
let events: ReturnType<typeof recordingEvents>['events'];
let denied: string | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(scratch, 'test-'));
  output = new Output();
  denied = undefined;
  const clock = new SystemClock();
  const recording = recordingEvents();
  events = recording.events;
  store = new ImageStore(ACCOUNT, REGION, clock, recording.stream);
  store.createRepository(REPOSITORY, {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'latest' }],
  });
  tokens = new AuthorizationTokens(clock);
  engine = createProcessEngine({
    catalog: store,
    tokens,
    authorizer: {
      authorize: ({ action }) =>
        action === denied
          ? { allowed: false, message: `not authorized to perform: ${action}` }
          : { allowed: true },
    },
    runDirectory: join(directory, 'run'),
    environment: childEnvironment(process.env, join(directory, 'home')),
    clock,
    events: recording.stream,
    ledger: new ProcessLedger(join(directory, 'ledger')),
  });
});

afterEach(() => engine.close());

/** Calls the played docker program. */
async function docker(argv: readonly string[], stdin = '') {
  const text = { stdout: '', stderr: '' };
  const outcome = await engine.docker({
    session: { caller: OPERATOR, region: REGION, account: ACCOUNT },
    argv,
    cwd: join(directory, 'project'),
    env: { HOME: join(directory, 'home') },
    stdin,
    stdout: (more) => (text.stdout += more),
    stderr: (more) => (text.stderr += more),
  });
  return { ...text, outcome };
}

const name = (tag: string) => `${store.registryHost}/${REPOSITORY}:${tag}`;

async function login() {
  const password = tokens.issueToken(OPERATOR);
  const argv = ['login', '--username', 'AWS', '--password-stdin', store.registryHost];
  expect((await docker(argv, password)).stdout).toContain('Login Succeeded');
}

async function release(files: Project, tag = 'abc1234'): Promise<ContainerSpec['image']> {
  writeProject(join(directory, 'project'), files);
  const built = await docker(['build', '--build-arg', `COMMIT=${tag}`, '-t', name(tag), '.']);
  expect(built).toMatchObject({ outcome: { exitCode: 0 } });
  await login();
  expect(await docker(['push', name(tag)])).toMatchObject({ outcome: { exitCode: 0 } });
  const image = { repositoryName: REPOSITORY, digest: store.findImage(REPOSITORY, tag)!.digest };
  await engine.pull(image);
  return image;
}

function run(
  image: ContainerSpec['image'],
  change: Partial<ContainerSpec> = {},
): Promise<RunningContainer> {
  return engine.run({
    name: `task-${Math.random()}`,
    image,
    environment: {},
    readonlyRootFilesystem: true,
    dropCapabilities: ['ALL'],
    initProcessEnabled: false,
    cpuUnits: 256,
    memoryMiB: 512,
    containerPorts: [3000],
    onOutput: output.onOutput,
    ...change,
  });
}

async function listening(container: RunningContainer, from = output): Promise<string> {
  const ended = container.exited.then(({ exitCode }) => {
    throw new Error(`ended with ${exitCode}: ${from.lines.join('\n')}`);
  });
  await Promise.race([from.heard('listening'), ended]);
  return `http://127.0.0.1:${container.hostPorts.get(3000)!}`;
}

const files = { 'server.js': SERVER, Dockerfile: DOCKERFILE };

describe('a container without Docker', () => {
  it('answers at the port of 127.0.0.1 that stands for its container port', async () => {
    const image = await release(files);
    const url = await listening(await run(image, { environment: { HOST: '0.0.0.0' } }));
    expect(await (await fetch(url)).json()).toMatchObject({ commit: 'abc1234' });
  });

  it('takes datagrams at the port of 127.0.0.1 that stands for its container port', async () => {
    const image = await release({ ...files, 'server.js': ECHO });
    const client = new DatagramClient();
    for (const text of ['one', 'two']) {
      const own = new Output();
      const container = await run(image, { onOutput: own.onOutput });
      await listening(container, own);
      expect(await client.ask(container.udpHostPorts.get(3000)!, text)).toBe(`echo ${text}`);
    }
    client.close();
  });

  (process.platform === 'linux' ? it : it.skip)('is measured while it runs', async () => {
    const container = await run(await release(files));
    await listening(container);
    const usage = await container.usage();
    expect(usage?.cpus).toBeGreaterThan(0);
    expect(usage?.memoryBytes).toBeGreaterThan(10 * 1024 ** 2);
    await container.kill();
    expect(await container.usage()).toBeUndefined();
  });

  it('can run twice at the same time, each with a port of its own', async () => {
    const image = await release(files);
    const outputs = [new Output(), new Output()] as const;
    const first = await run(image, { onOutput: outputs[0].onOutput });
    const second = await run(image, { onOutput: outputs[1].onOutput });
    expect(first.hostPorts.get(3000)).not.toBe(second.hostPorts.get(3000));
    for (const url of [await listening(first, outputs[0]), await listening(second, outputs[1])]) {
      expect((await fetch(url)).status).toBe(200);
    }
  });

  it('is not reached when the program listens on loopback only', async () => {
    const image = await release(files);
    const url = await listening(await run(image, { environment: { HOST: '127.0.0.1' } }));
    await expect(fetch(url)).rejects.toThrow();
  });

  it('stops with the exit code of its own SIGTERM handler', async () => {
    const container = await run(await release(files));
    await listening(container);
    expect(await container.stop(30_000)).toEqual({ exitCode: 0 });
    expect(output.lines).toContain('stderr: stopping');
  });

  it('stops with the signal that its image names as STOPSIGNAL', async () => {
    const server = SERVER.replace("process.on('SIGTERM'", "process.on('SIGQUIT'");
    const container = await run(
      await release({ 'server.js': server, Dockerfile: `${DOCKERFILE}STOPSIGNAL SIGQUIT\n` }),
    );
    await listening(container);
    expect(await container.stop(30_000)).toEqual({ exitCode: 0 });
    expect(output.lines).toContain('stderr: stopping');
  });

  it('ignores SIGTERM without a handler, as pid 1 does, and is killed: 137', async () => {
    const deaf = SERVER.replace(/process\.on\('SIGTERM'.*\n/, '');
    const container = await run(await release({ ...files, 'server.js': deaf }));
    await listening(container);
    expect(await container.stop(300)).toEqual({ exitCode: 137 });
  });

  it('ends by SIGTERM without a handler when an init process is asked for: 143', async () => {
    const deaf = SERVER.replace(/process\.on\('SIGTERM'.*\n/, '');
    const container = await run(await release({ ...files, 'server.js': deaf }), {
      initProcessEnabled: true,
    });
    await listening(container);
    expect(await container.stop(30_000)).toEqual({ exitCode: 143 });
  });

  it('reports the exit code of a program that ends by itself', async () => {
    const container = await run(await release(files));
    const url = await listening(container);
    await fetch(`${url}/crash`).catch(() => undefined);
    expect(await container.exited).toEqual({ exitCode: 3 });
  });

  it('lets a health check inside reach localhost at the container port', async () => {
    const container = await run(await release(files));
    await listening(container);
    const check = (port: number) => [
      'node',
      '-e',
      `fetch('http://localhost:' + ${port}).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
    ];
    expect(await container.exec(check(3000), 20_000)).toBe(0);
    expect(await container.exec(check(3001), 20_000)).toBe(1);
    expect(await container.exec(['no-such-program'], 20_000)).toBe(127);
  });

  it('gets the command and environment of the task definition', async () => {
    const container = await run(await release(files), {
      command: ['node', '/app/main.js', 'extra'],
      environment: { COMMIT: 'from-the-task' },
    });
    expect(await (await fetch(await listening(container))).json()).toMatchObject({
      commit: 'from-the-task',
      args: ['extra'],
    });
  });

  it('sees nothing of the variables of the person who rehearses', async () => {
    const image = await release({
      ...files,
      'server.js': `console.log('listening'); console.log(JSON.stringify(process.env));`,
    });
    process.env['AWS_SECRET_ACCESS_KEY'] = 'real-looking';
    const container = await run(image);
    await container.exited;
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    expect(output.lines.join('\n')).not.toContain('real-looking');
    expect(output.lines.join('\n')).toContain('AWS_EC2_METADATA_DISABLED');
  });

  it('is refused when it would run as root', async () => {
    const image = await release({ ...files, Dockerfile: DOCKERFILE.replace(/USER.*\n/, '') });
    await expect(run(image)).rejects.toThrow("would run as root (user ''). Set USER");
    await expect(run(image, { user: '0:0' })).rejects.toThrow("would run as root (user '0:0')");
  });

  it('cannot be pulled by a digest that was never pushed, in the words of ECS', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    await expect(engine.pull({ repositoryName: REPOSITORY, digest })).rejects.toThrow(
      `failed to resolve ref ${store.registryHost}/${REPOSITORY}@${digest}: not found`,
    );
  });

  it('is gone with its files after close, and close may be called twice', async () => {
    const container = await run(await release(files), { readonlyRootFilesystem: false });
    await engine.close();
    await engine.close();
    expect((await container.exited).exitCode).toBe(137);
    expect(existsSync(join(directory, 'run', 'images'))).toBe(false);
    expect(existsSync(join(directory, 'run', 'containers'))).toBe(false);
  });
});

it('names what a process gets neither in memory nor as a limit', async () => {
  const image = await release(files);
  await run(image, {
    openFiles: { soft: 10, hard: 20 },
    tmpfs: [{ containerPath: '/scratch', sizeMiB: 8, mountOptions: [] }],
  });
  const messages = events.flatMap((event) => (event.kind === 'unproven' ? [event.message] : []));
  expect(messages).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^a container may open 20 files \(ulimit nofile\), /),
      expect.stringMatching(/^a container has \/scratch in its memory \(tmpfs\); /),
    ]),
  );
});

describe('the docker program without Docker', () => {
  it('pushes what was built; an immutable tag cannot be pushed again, latest can', async () => {
    await release(files);
    await docker(['tag', name('abc1234'), name('latest')]);
    expect((await docker(['push', name('latest')])).outcome).toEqual({ exitCode: 0 });
    expect((await docker(['push', name('latest')])).outcome).toEqual({ exitCode: 0 });
    const again = await docker(['push', name('abc1234')]);
    expect(again.outcome).toEqual({ exitCode: 1 });
    expect(again.stderr).toContain("tag invalid: The image tag 'abc1234' already exists");
  });

  it('pushes by the other name of the registry too, which has addresses of IPv6', async () => {
    await release(files);
    const dualStack = `${ACCOUNT}.dkr-ecr.${REGION}.on.aws/${REPOSITORY}:v6`;
    await docker(['tag', name('abc1234'), dualStack]);

    expect((await docker(['push', dualStack])).outcome).toEqual({ exitCode: 0 });
    expect(store.findImage(REPOSITORY, 'v6')).toBeDefined();
  });

  it('builds the same image from the same files, and another for another commit', async () => {
    writeProject(join(directory, 'project'), files);
    const build = async (commit: string) =>
      (await docker(['build', '-q', '--build-arg', `COMMIT=${commit}`, '.'])).stdout;
    expect(await build('a')).toBe(await build('a'));
    expect(await build('a')).not.toBe(await build('b'));
  });

  it('refuses a push before login, a wrong password, and a caller without permission', async () => {
    writeProject(join(directory, 'project'), files);
    await docker(['build', '-t', name('v1'), '.']);
    expect((await docker(['push', name('v1')])).stderr).toBe('no basic auth credentials\n');
    const wrong = ['login', '-u', 'AWS', '--password-stdin', store.registryHost];
    expect((await docker(wrong, 'wrong')).stderr).toContain('400 Bad Request');
    await login();
    denied = 'ecr:PutImage';
    expect((await docker(['push', name('v1')])).stderr).toBe(
      'denied: not authorized to perform: ecr:PutImage\n',
    );
  });

  it('says that a repository or a local image does not exist', async () => {
    writeProject(join(directory, 'project'), files);
    await login();
    const missing = `${store.registryHost}/no/such:1`;
    await docker(['build', '-t', missing, '.']);
    expect((await docker(['push', missing])).stderr).toContain(
      "name unknown: The repository with name 'no/such' does not exist",
    );
    expect((await docker(['push', name('never')])).stderr).toContain(
      'An image does not exist locally with the tag',
    );
  });

  it('shows an image by a template', async () => {
    writeProject(join(directory, 'project'), files);
    await docker(['build', '-t', 'api:1', '.']);
    const format = '{{.Config.User}} {{json .Config.Cmd}} {{index .RepoTags 0}}';
    const shown = await docker(['image', 'inspect', '--format', format, 'api:1']);
    expect(shown.stdout).toBe('1000:1000 ["node","main.js"] api:1\n');
  });

  it('refuses by name what it does not play, and the report says so', async () => {
    const { outcome, stderr } = await docker(['run', '--rm', 'api:1']);
    expect(outcome).toEqual({ exitCode: 125 });
    expect(stderr).toContain("'docker run' is not played without Docker");
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'unproven',
        message: expect.stringContaining("'docker run'"),
      }),
    );
  });

  it('notes that an image for another processor was not built', async () => {
    writeProject(join(directory, 'project'), files);
    await docker(['build', '--platform', 'linux/s390x', '.']);
    expect(events).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('linux/s390x') }),
    );
  });
});
