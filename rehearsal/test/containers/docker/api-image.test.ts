import { jest } from '@jest/globals';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerClient, RUN_LABEL } from '../../../src/containers/docker/docker-client';
import { findDocker } from '../../../src/containers/find-docker';
import { childEnvironment } from '../../../src/process/child-environment';
import { runCommand } from '../../../src/process/run-command';
import { scratchDirectory } from '../../_helpers/scratch-directory';

// Builds an image, on a machine that may be busy.
jest.setTimeout(600_000);

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const DOCKERFILE = join(ROOT, 'apps/api/Dockerfile');
const BASE_IMAGE = /^ARG NODE_IMAGE=(\S+)/m.exec(readFileSync(DOCKERFILE, 'utf8'))![1]!;
/** A read-only root alone; Docker adds none of these by itself, and Fargate none at all. */
const HARDENED = [
  ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--user', '1000:1000', '--memory', '128m'],
];

const search = await findDocker(process.env);
const reason = search.found
  ? (await runCommand(search.docker.path, ['image', 'inspect', BASE_IMAGE])).exitCode === 0
    ? undefined
    : `there is no image ${BASE_IMAGE} to build on`
  : search.reason;
if (reason !== undefined) console.warn(`Tests with Docker are skipped: ${reason}`);

(reason === undefined ? describe : describe.skip)('the image of the API with Docker', () => {
  const scratch = scratchDirectory();
  const image = `api-image-test:${process.pid}`;
  let client: DockerClient;
  let id: string;

  beforeAll(async () => {
    if (!search.found) throw new Error('no Docker');
    const environment = childEnvironment(process.env, join(scratch, 'home'));
    client = new DockerClient(search.docker, environment, join(scratch, 'config'));
    await client.require(['build', '--quiet', '-f', DOCKERFILE, '-t', image, ROOT]);
    // In place of every shell and tool of the image: nothing.
    const empty = join(scratch, 'empty');
    mkdirSync(empty);
    const hidden = ['/usr/bin', '/usr/sbin'].flatMap((path) => ['--volume', `${empty}:${path}:ro`]);
    id = await client.require([
      ...['run', '--detach', '--label', `${RUN_LABEL}=test-${process.pid}`],
      ...HARDENED,
      ...hidden,
      ...['--publish', '127.0.0.1::3000', image],
    ]);
  });

  afterAll(async () => {
    await client.run(['rm', '--force', id]);
    await client.run(['rmi', '--force', image]);
  });

  it('serves read-only, without root, capabilities, a shell or any other tool', async () => {
    const address = await client.require(['port', id, '3000/tcp']);
    const answer = await poll(`http://${address.split('\n')[0]!}/health`);
    expect(answer).toMatchObject({ status: 'ok' });
    for (const shell of ['sh', 'bash', 'ls']) {
      expect((await client.run(['exec', id, shell])).exitCode).not.toBe(0);
    }
  });

  it('has written nothing, and stops with 0 when told to', async () => {
    await client.require(['stop', '--time', '30', id]);
    expect(await client.require(['inspect', '--format', '{{.State.ExitCode}}', id])).toBe('0');
    // The mount points of the two empty directories are no writes of the service.
    const changes = (await client.require(['diff', id])).split('\n').filter(Boolean);
    expect(changes.filter((line) => !/^C \/usr(\/s?bin)?$/.test(line))).toEqual([]);
  });

  it('is for a user with a number, and says so without a task definition', async () => {
    const user = await client.require(['image', 'inspect', '--format', '{{.Config.User}}', image]);
    expect(user).toBe('1000:1000');
  });

  /** Until the service listens; the log says why when it does not. */
  async function poll(url: string): Promise<unknown> {
    for (;;) {
      try {
        // Docker's proxy takes connections before the service does, and may keep them unanswered.
        const signal = AbortSignal.timeout(2_000);
        return await (await fetch(url, { signal })).json();
      } catch (error) {
        const running = await client.require(['inspect', '--format', '{{.State.Running}}', id]);
        if (running === 'true') continue;
        const { stdout, stderr } = await client.run(['logs', id]);
        throw new Error(`the service ended: ${stdout}${stderr}`, { cause: error });
      }
    }
  }
});
