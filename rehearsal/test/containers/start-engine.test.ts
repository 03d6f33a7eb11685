import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAwsAccount } from '../../src/aws-account';
import { SystemClock } from '../../src/clock';
import { startEngine } from '../../src/containers/start-engine';
import { RunDirectory } from '../../src/run-directory';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();

/** A Docker whose engine lives in a virtual machine, where this machine's 127.0.0.1 is nobody. */
function remoteDocker(): string {
  const path = join(scratch, 'docker');
  writeFileSync(path, '#!/bin/sh\necho "dial tcp 127.0.0.1: connection refused" >&2\nexit 1\n');
  chmodSync(path, 0o755);
  return path;
}

function start(asked: boolean) {
  const clock = new SystemClock();
  const { stream, events } = recordingEvents();
  const docker = {
    path: remoteDocker(),
    serverVersion: '28.2.2',
    platform: 'linux/arm64',
    cpus: 4,
    connection: {},
    pluginDirectory: undefined,
  };
  const engine = startEngine({
    choice: { name: 'docker', docker, asked },
    account: createAwsAccount({ id: '000000000000', region: 'ap-northeast-2' }, clock, stream),
    registryEndpoint: '127.0.0.1:5000',
    run: RunDirectory.create(scratch, clock.now()),
    hostEnvironment: process.env,
    clock,
    events: stream,
  });
  return { engine, events };
}

it('goes on with processes, and says so, when Docker cannot reach the registry', async () => {
  const { engine, events } = start(false);
  expect((await engine).name).toBe('process');
  expect(events).toContainEqual(
    expect.objectContaining({
      kind: 'progress',
      message: expect.stringMatching(/^Docker is not used: .*connection refused.*Docker Desktop/),
    }),
  );
  await (await engine).close();
});

it('does not go on with processes when Docker was asked for', async () => {
  await expect(start(true).engine).rejects.toMatchObject({
    code: 'RegistryUnreachable',
    message: expect.stringContaining('--engine process'),
  });
});
