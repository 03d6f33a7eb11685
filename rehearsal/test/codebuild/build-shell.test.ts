import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuildShell } from '../../src/codebuild/build-shell';
import { ManualClock } from '../_helpers/manual-clock';

let scratch: string;
let lines: string[];
let shell: BuildShell;
let clock: ManualClock;

async function start(program: string): Promise<void> {
  await mkdir(join(scratch, 'src'), { recursive: true });
  shell = new BuildShell({
    shell: program,
    cwd: join(scratch, 'src'),
    env: { PATH: process.env.PATH ?? '', GREETING: 'hello' },
    scratchDirectory: scratch,
    clock,
    onLine: (line) => lines.push(line),
  });
}

beforeEach(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'build shell-')));
  lines = [];
  clock = new ManualClock();
});
afterEach(async () => {
  await shell.end();
  await rm(scratch, { recursive: true, force: true });
});

describe.each(['/bin/sh', 'bash'])('the shell of a build, %s', (program) => {
  beforeEach(() => start(program));

  test('cd, export and functions carry over from command to command', async () => {
    await shell.run('mkdir -p deep && cd deep');
    await shell.run('export NAME="it\'s me"; unexported=here');
    await shell.run('greet() { echo "$GREETING, $NAME, $unexported"; }');
    expect(await shell.run('greet; pwd')).toBe(0);
    expect(lines).toEqual(["hello, it's me, here", join(scratch, 'src/deep')]);
    expect(shell.environment()).toMatchObject({ NAME: "it's me", GREETING: 'hello' });
    expect(shell.environment()).not.toHaveProperty('unexported');
  });

  test('of a command with many lines only the last status counts', async () => {
    expect(await shell.run('false\ntrue')).toBe(0);
    expect(await shell.run('true\nfalse')).toBe(1);
    expect(await shell.run('no-such-program-anywhere')).toBe(127);
  });

  test('a command that calls exit has failed, and the next finds variables and directory', async () => {
    await shell.run('mkdir inner; cd inner; export KEPT="two\nlines"');
    expect(await shell.run('sleep 100 & export LATE=too; exit 3')).toBe(3);
    expect(await shell.run('echo "$KEPT $LATE"; pwd')).toBe(0);
    expect(lines).toEqual(['two', 'lines too', join(scratch, 'src/inner')]);
  });

  test('exit 0 in the middle of the build is a success', async () => {
    expect(await shell.run('exit 0')).toBe(0);
    expect(await shell.run('echo on')).toBe(0);
    expect(lines).toEqual(['on']);
  });

  test('set -e ends the shell at the first failure', async () => {
    expect(await shell.run('set -e')).toBe(0);
    expect(await shell.run('false\necho not reached')).toBe(1);
    expect(await shell.run('echo on')).toBe(0);
    expect(lines).toEqual(['on']);
  });

  test('a syntax error fails that command alone', async () => {
    expect(await shell.run('export A=1')).toBe(0);
    expect(await shell.run('if then fi )')).not.toBe(0);
    expect(await shell.run('echo "A=$A"')).toBe(0);
    expect(lines.at(-1)).toBe('A=1');
  });

  test('commands read nothing from standard input, least of all the next command', async () => {
    expect(await shell.run('cat; read -r line || echo "nothing to read"')).toBe(0);
    expect(lines).toEqual(['nothing to read']);
  });

  test('both outputs come in the order in which they were written', async () => {
    await shell.run('for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf unfinished');
    expect(lines).toEqual(['out 1', 'err 1', 'out 2', 'err 2', 'out 3', 'err 3', 'unfinished']);
  });

  test('a command may redirect the output of the shell, or replace the shell', async () => {
    expect(await shell.run('exec >all.log 2>&1; echo hidden')).toBe(0);
    expect(await shell.run('exec sh -c "exit 7"')).toBe(7);
    expect(await shell.run('cat all.log')).toBe(0);
    expect(await shell.run('kill -KILL $$')).toBe(137);
    expect(lines).toEqual(['hidden']);
  });

  test('a variable set by the engine reaches the next command', async () => {
    await shell.export('CODEBUILD_BUILD_SUCCEEDING', "0'; echo no");
    await shell.run('echo "$CODEBUILD_BUILD_SUCCEEDING"');
    expect(lines).toEqual(["0'; echo no"]);
  });

  test('ending the shell ends what the command started, willing or not', async () => {
    const running = shell.run('trap "" TERM; sleep 300 & echo $!; wait');
    while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const ended = shell.end();
    await clock.advance(5_000);
    await ended;
    expect(await running).toBeUndefined();
    expect(isRunning(Number(lines[0]))).toBe(false);
    expect(await shell.run('echo no')).toBeUndefined();
  });
});

/** A process that ended may stay as a zombie until its parent, which is not us, asks for it. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
  } catch {
    return false;
  }
}

test('a line without end is passed on in parts', async () => {
  await start('/bin/sh');
  await shell.run("head -c 200000 /dev/zero | tr '\\0' x");
  expect(lines.join('')).toHaveLength(200_000);
});
