import { join } from 'node:path';
import { DockerClient } from '../../../src/containers/docker/docker-client';
import { createDockerProgram } from '../../../src/containers/docker/docker-program';
import { scratchDirectory } from '../../_helpers/scratch-directory';

const scratch = scratchDirectory();
const HOST = '000000000000.dkr.ecr.ap-northeast-2.amazonaws.com';
const ENDPOINT = '127.0.0.1:5432';

function program() {
  const names: string[] = [];
  const sentences: string[] = [];
  const errors: string[] = [];
  const docker = createDockerProgram({
    client: new DockerClient(
      {
        path: '/opt/docker',
        serverVersion: '28',
        platform: 'linux/amd64',
        cpus: 2,
        connection: { DOCKER_HOST: 'unix:///x.sock' },
        pluginDirectory: undefined,
      },
      {},
      join(scratch, 'engine'),
    ),
    registryHost: HOST,
    registryEndpoint: ENDPOINT,
    runDirectory: scratch,
    onName: (name) => Promise.resolve(void names.push(name)),
    unproven: (sentence) => sentences.push(sentence),
  });
  const call = (argv: readonly string[], home = '/home/build', session = 'one') =>
    docker({
      session: {
        caller: { kind: 'role', roleArn: 'arn:aws:iam::000000000000:role/b', sessionName: session },
        region: 'ap-northeast-2',
        account: '000000000000',
      },
      argv,
      cwd: '/',
      env: { HOME: home },
      stdin: '',
      stdout: () => undefined,
      stderr: (text) => errors.push(text),
    });
  return { call, names, sentences, errors };
}

it('becomes the real docker, with the registry of ECR on this machine', async () => {
  const { call, names } = program();
  expect(await call(['build', '-t', `${HOST}/api:1`, '--tag=api:2', '.'])).toMatchObject({
    exec: {
      file: '/opt/docker',
      args: ['build', '-t', `${ENDPOINT}/api:1`, '--tag=api:2', '.'],
      env: { DOCKER_HOST: 'unix:///x.sock', DOCKER_BUILDKIT: '1', DOCKER_CONTEXT: '' },
    },
  });
  expect(names).toEqual([`${ENDPOINT}/api:1`, 'api:2']);
});

it('knows the registry by its name with addresses of IPv6 too', async () => {
  const name = '000000000000.dkr-ecr.ap-northeast-2.on.aws/api:1';
  expect(await program().call(['push', name])).toMatchObject({
    exec: { args: ['push', `${ENDPOINT}/api:1`] },
  });
});

it('builds for the processor of this machine, and says so', async () => {
  const { call, sentences } = program();
  expect(
    await call(['buildx', 'build', '--platform', 'linux/arm64', '--platform=linux/arm64', '.']),
  ).toMatchObject({
    exec: { args: ['buildx', 'build', '--platform', 'linux/amd64', '--platform=linux/amd64', '.'] },
  });
  expect(new Set(sentences)).toEqual(
    new Set([expect.stringContaining('asked for linux/arm64 and built for linux/amd64')]),
  );
});

it('keeps the logins of two builds apart, and those of one together', async () => {
  const { call } = program();
  const config = async (...args: Parameters<typeof call>) => {
    const outcome = await call(...args);
    return 'exec' in outcome ? outcome.exec.env['DOCKER_CONFIG'] : undefined;
  };
  const first = await config(['login', HOST]);
  expect(first).toContain(scratch);
  expect(await config(['push', `${HOST}/api:1`])).toBe(first);
  expect(await config(['push', `${HOST}/api:1`], '/home/build', 'two')).not.toBe(first);
});

it.each([
  ['run', 'x'],
  ['compose', 'up'],
  ['container', 'run', 'x'],
  ['--context', 'far', 'ps'],
])('refuses by name what could leave something behind: docker %s %s', async (...argv) => {
  const { call, errors, sentences } = program();
  expect(await call(argv)).toEqual({ exitCode: 125 });
  expect(errors.join('')).toContain(`'docker ${argv[0]}`);
  expect(sentences).toHaveLength(1);
});
