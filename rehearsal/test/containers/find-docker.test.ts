import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDocker } from '../../src/containers/find-docker';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();

/** A directory with a program named docker that answers as told; anything else fails. */
function fakeDocker(answers: Record<string, string>): string {
  const directory = mkdtempSync(join(scratch, 'bin-'));
  const cases = Object.entries(answers).map(([start, text]) => `'${start}'*) echo '${text}';;`);
  const script = `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\n*) echo 'Cannot connect to the Docker daemon.' >&2; exit 1;;\nesac\n`;
  writeFileSync(join(directory, 'docker'), script);
  chmodSync(join(directory, 'docker'), 0o755);
  return directory;
}

const version = (client: string, server: object | null) =>
  JSON.stringify({ Client: { Version: client }, Server: server });
const linux = { Version: '20.10.24', Os: 'linux', Arch: 'arm64' };
const local = { context: 'unix:///run/user/docker.sock', info: '4' };

it('takes the first one that can build, with its engine from the current context', async () => {
  const silent = fakeDocker({});
  const cannotBuild = fakeDocker({ version: version('28.2.2', linux), ...local });
  const usable = fakeDocker({ version: version('20.10.24', linux), ...local });
  const PATH = [silent, cannotBuild, usable].join(':');
  expect(await findDocker({ PATH, DOCKER_CONFIG: scratch })).toEqual({
    found: true,
    docker: {
      path: join(usable, 'docker'),
      serverVersion: '20.10.24',
      platform: 'linux/arm64',
      cpus: 4,
      connection: { DOCKER_HOST: 'unix:///run/user/docker.sock' },
      pluginDirectory: undefined,
    },
  });
});

it('keeps the plugins of the person, and accepts a new client that has buildx', async () => {
  const config = mkdtempSync(join(scratch, 'config-'));
  mkdirSync(join(config, 'cli-plugins'));
  const PATH = fakeDocker({ version: version('29.0.0', linux), 'buildx version': 'v1', ...local });
  expect(await findDocker({ PATH, DOCKER_CONFIG: config })).toMatchObject({
    found: true,
    docker: { pluginDirectory: join(config, 'cli-plugins') },
  });
});

it.each([
  [{}, 'the Docker engine does not answer: Cannot connect to the Docker daemon.'],
  [{ version: version('28.2.2', linux), ...local }, 'Docker 28.2.2 needs the buildx plugin'],
  [{ version: version('20.10', null) }, 'the Docker engine does not answer.'],
  [{ version: version('20.10', { ...linux, Os: 'windows' }) }, 'runs windows containers'],
  [{ version: version('20.10', linux), context: 'ssh://far' }, 'on another machine (ssh://far)'],
  [{ version: 'podman' }, 'it answers, but not like Docker'],
])('says why it cannot use a docker: %#', async (answers, reason) => {
  const PATH = fakeDocker(answers);
  expect(await findDocker({ PATH })).toEqual({
    found: false,
    reason: expect.stringContaining(`${PATH}/docker: `),
  });
  expect(await findDocker({ PATH })).toMatchObject({ reason: expect.stringContaining(reason) });
});

it('says that there is none on PATH', async () => {
  expect(await findDocker({ PATH: scratch })).toEqual({
    found: false,
    reason: 'There is no docker program on PATH.',
  });
});
