import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RehearsalError } from '../../src/errors';
import { runCommand } from '../../src/process/run-command';
import { spawnProcess } from '../../src/process/spawn-process';
import { CommandGateway } from '../../src/standins/command-gateway';
import type { Standin, StandinCall, StandinSession } from '../../src/standins/standin';

const session: StandinSession = {
  caller: { kind: 'operator' },
  region: 'ap-northeast-2',
  account: '000000000000',
};
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function startGateway(...answers: Standin[]) {
  // The space and the quote must not disturb the small programs.
  const scratchDirectory = mkdtempSync(join(tmpdir(), "gateway's "));
  const calls: StandinCall[] = [];
  const play: Standin = (call) => {
    calls.push(call);
    return (answers.shift() ?? (() => Promise.resolve({ exitCode: 0 })))(call);
  };
  const gateway = await CommandGateway.start({ programs: { play }, scratchDirectory });
  cleanups.push(
    () => gateway.close(),
    () => rmSync(scratchDirectory, { recursive: true }),
  );
  const opened = gateway.openSession(session, '/usr/bin:/bin');
  const sh = (script: string, env: Record<string, string> = {}) =>
    runCommand('/bin/sh', ['-c', script], {
      cwd: scratchDirectory,
      env: { ...opened.env, ...env },
    });
  return { gateway, opened, calls, sh, scratchDirectory };
}

test('a script calls a program by its name, with arguments and directory as they are', async () => {
  const { sh, calls, scratchDirectory } = await startGateway();
  await sh(`mkdir sub && cd sub && play "two words" '' "it's" 'é $HOME'`);
  expect(calls[0]).toMatchObject({
    session,
    argv: ['two words', '', "it's", 'é $HOME'],
    cwd: join(scratchDirectory, 'sub'),
    stdin: '',
  });
});

test('the script sees both output streams and the exit code', async () => {
  const { sh } = await startGateway((call) => {
    call.stdout('out\nmore');
    call.stderr('err');
    return Promise.resolve({ exitCode: 254 });
  });
  expect(await sh('play')).toEqual({ exitCode: 254, stdout: 'out\nmore', stderr: 'err' });
});

test('output is there before the program has ended', async () => {
  let firstLine: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => (firstLine = resolve));
  const { opened, scratchDirectory } = await startGateway(async (call) => {
    call.stdout('first\n');
    await seen;
    return { exitCode: 0 };
  });
  const child = await spawnProcess('/bin/sh', ['-c', 'play'], {
    cwd: scratchDirectory,
    env: opened.env,
    onStdout: () => firstLine(),
  });
  expect((await child.exited).exitCode).toBe(0);
});

test.each(['--password-stdin', '-', '--value file:///dev/stdin'])(
  'standard input is passed on for %s',
  async (argument) => {
    const { sh, calls } = await startGateway();
    await sh(`printf secret | play ${argument}`);
    expect(calls[0]?.stdin).toBe('secret');
  },
);

test('standard input is left to the script otherwise', async () => {
  const { sh, calls } = await startGateway();
  expect((await sh('printf "a\\nb\\n" | { play; cat; }')).stdout).toBe('a\nb');
  expect(calls[0]?.stdin).toBe('');
});

test('only settings of the programs and variables named among the arguments are passed on', async () => {
  const { sh, calls } = await startGateway();
  await sh('play --build-arg COMMIT --build-arg=MODE', {
    AWS_REGION: 'eu-west-1',
    DOCKER_BUILDKIT: '1',
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    AWS_SECRET_ACCESS_KEY: 'hidden',
    GITHUB_TOKEN: 'hidden',
    COMMIT: 'abc1234',
    MODE: 'fast',
  });
  expect(calls[0]?.env).toEqual({
    AWS_REGION: 'eu-west-1',
    DOCKER_BUILDKIT: '1',
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    COMMIT: 'abc1234',
    MODE: 'fast',
    PATH: expect.stringMatching(/:\/usr\/bin:\/bin$/),
  });
});

test('the program becomes the one that the engine names', async () => {
  const { sh } = await startGateway((call) => {
    call.stderr('handing over\n');
    const args = [
      '-c',
      'cat; echo "$1 $EXTRA ${REHEARSAL_STANDINS_TOKEN-and no token}"; exit 3',
      'sh',
      'one',
    ];
    return Promise.resolve({ exec: { file: '/bin/sh', args, env: { EXTRA: 'laid over' } } });
  });
  expect(await sh('printf "from stdin, " | play')).toEqual({
    exitCode: 3,
    stdout: 'from stdin, one laid over and no token',
    stderr: 'handing over',
  });
});

test('input that was read for the engine still reaches the program', async () => {
  const { sh } = await startGateway(() =>
    Promise.resolve({ exec: { file: '/bin/cat', args: [], env: {} } }),
  );
  expect((await sh('printf secret | play --password-stdin')).stdout).toBe('secret');
});

test('a signal reaches the program, and its end is told as shells tell it', async () => {
  const { opened, scratchDirectory } = await startGateway(() =>
    Promise.resolve({
      exec: { file: '/bin/sh', args: ['-c', 'echo ready; exec sleep 60'], env: {} },
    }),
  );
  const child = await spawnProcess('/bin/sh', ['-c', 'exec play'], {
    cwd: scratchDirectory,
    env: opened.env,
    onStdout: () => process.kill(child.pid, 'SIGTERM'),
  });
  expect((await child.exited).exitCode).toBe(143);
});

test('a call is aborted when its caller is ended', async () => {
  let aborted: () => void = () => undefined;
  const seen = new Promise<void>((resolve) => (aborted = resolve));
  const { opened, scratchDirectory } = await startGateway(async (call) => {
    call.signal?.addEventListener('abort', () => aborted());
    call.stdout('started\n');
    await seen;
    call.stdout('nobody listens');
    return { exitCode: 0 };
  });
  const child = await spawnProcess('/bin/sh', ['-c', 'play'], {
    cwd: scratchDirectory,
    env: opened.env,
    onStdout: () => child.kill('SIGKILL'),
  });
  await child.exited;
  await seen;
});

test('a call with a token that nobody issued is refused', async () => {
  const { sh, calls } = await startGateway();
  const { exitCode, stderr } = await sh('play', { REHEARSAL_STANDINS_TOKEN: 'guess' });
  expect([exitCode, calls.length]).toEqual([255, 0]);
  expect(stderr).toContain('does not belong to a rehearsal');
});

test('a session that was closed is refused, others go on', async () => {
  const { gateway, opened, sh } = await startGateway();
  const other = gateway.openSession(session, '/usr/bin:/bin');
  opened.close();
  expect((await sh('play')).exitCode).toBe(255);
  expect((await sh('play', { ...other.env })).exitCode).toBe(0);
  expect(other.env['REHEARSAL_STANDINS_TOKEN']).not.toBe(opened.env['REHEARSAL_STANDINS_TOKEN']);
});

test('a script that outlives the rehearsal is told so', async () => {
  const { gateway, sh } = await startGateway();
  await gateway.close();
  await gateway.close();
  const { exitCode, stderr } = await sh('play');
  expect([exitCode, stderr]).toEqual([
    255,
    expect.stringMatching(/^play: the rehearsal .* does not answer/),
  ]);
});

test('a mistake is told in its sentence, a defect with its stack', async () => {
  const { sh } = await startGateway(
    () => Promise.reject(new RehearsalError('Nope', 'no such thing; use another')),
    () => Promise.reject(new TypeError('a defect')),
  );
  expect(await sh('play')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'no such thing; use another',
  });
  const defect = await sh('play');
  expect([defect.exitCode, defect.stderr]).toEqual([70, expect.stringMatching(/a defect\n\s+at /)]);
});

test('input larger than the engine takes is refused with its size', async () => {
  const { sh, calls } = await startGateway();
  const { exitCode, stderr } = await sh('head -c 17000000 /dev/zero | tr "\\0" a | play -');
  expect([exitCode, calls.length]).toEqual([2, 0]);
  expect(stderr).toContain('put large input into a file');
});

test('programs that are not played are those of the given PATH', async () => {
  const { sh } = await startGateway();
  const { stdout } = await sh('command -v sh; PATH=/usr/bin:/bin; command -v sh');
  const [found, expected] = stdout.split('\n');
  expect(found).toBe(expected);
});
