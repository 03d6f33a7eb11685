import { runCommand } from '../../src/process/run-command';
import { spawnProcess } from '../../src/process/spawn-process';
import { stopProcess } from '../../src/process/stop-process';
import { ManualClock } from '../_helpers/manual-clock';

const env = { PATH: process.env['PATH'] ?? '', ONLY: 'this' };
const cwd = process.cwd();

it('runs a command to its end without a shell', async () => {
  expect(await runCommand('printf', ['%s', '$HOME;'], { env })).toEqual({
    exitCode: 0,
    stdout: '$HOME;',
    stderr: '',
  });
  expect(await runCommand('sh', ['-c', 'cat; exit 3'], { env, input: 'in' })).toMatchObject({
    exitCode: 3,
    stdout: 'in',
  });
});

it.each([
  ['run', () => runCommand('no-such-program', [], { env })],
  ['spawned', () => spawnProcess('no-such-program', [], { cwd, env })],
])('says which program cannot be %s', async (_, start) => {
  await expect(start()).rejects.toThrow(
    /cannot start 'no-such-program'.*is it installed and on PATH/,
  );
});

it('gives a child only the environment that was stated', async () => {
  let output = '';
  const child = await spawnProcess('env', [], { cwd, env, onStdout: (text) => (output += text) });
  expect(await child.exited).toEqual({ exitCode: 0, signal: undefined });
  expect(output).toContain('ONLY=this');
  expect(output).not.toContain('HOME=');
});

it('stops a process with the signal it is asked to use', async () => {
  const child = await spawnProcess('sleep', ['60'], { cwd, env });
  expect((await stopProcess(child, new ManualClock(), 1000)).signal).toBe('SIGTERM');
});

it('ends a process, children included, that ignores the signal until the time is over', async () => {
  const clock = new ManualClock();
  let ready = () => {};
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const child = await spawnProcess(
    'sh',
    ['-c', 'trap "" TERM; echo ready; sleep 60 & wait; wait'],
    {
      cwd,
      env,
      onStdout: () => ready(),
    },
  );
  await isReady;
  const stopped = stopProcess(child, clock, 1000);
  await clock.advance(1000);
  expect((await stopped).signal).toBe('SIGKILL');
});
