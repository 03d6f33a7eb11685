import { groupUsage, parseStat } from '../../src/process/group-usage';
import { spawnProcess } from '../../src/process/spawn-process';

const LINE = '77 (node (x) y) S 1 42 42 0 -1 4194304 9 8 7 6 150 25 3 4 20 0 11 0 99';

test('a process’s group and CPU time are read past a name with spaces and parentheses', () => {
  expect(parseStat(LINE)).toEqual({ groupId: 42, cpuSeconds: 1.75 });
  expect(parseStat('')).toBeUndefined();
  expect(parseStat(LINE.replace(' S ', ' Z '))).toBeUndefined();
});

const testOnLinux = process.platform === 'linux' ? test : test.skip;

/** Works for a while, says so, and stays; its child does the same. */
const PROGRAM = `
  const used = () => process.cpuUsage().user + process.cpuUsage().system;
  const end = used() + 300_000;
  while (used() < end);
  console.log('worked');
  setInterval(() => undefined, 1_000_000);
  if (process.argv[1] !== 'child') {
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['-e', process.env.PROGRAM, 'child'], { stdio: 'inherit' });
  }
`;

testOnLinux('a group counts the CPU time and the memory of all its processes', async () => {
  let output = '';
  let worked: () => void = () => undefined;
  const bothWorked = new Promise<void>((resolve) => (worked = resolve));
  const leader = await spawnProcess(process.execPath, ['-e', PROGRAM], {
    cwd: process.cwd(),
    env: { PROGRAM },
    onStdout: (text) => {
      output += text;
      if (output === 'worked\nworked\n') worked();
    },
  });
  await bothWorked;
  const usage = await groupUsage(leader.pid);
  leader.kill('SIGKILL');
  await leader.exited;
  expect(usage?.cpuSeconds).toBeGreaterThanOrEqual(0.5);
  expect(usage?.memoryBytes).toBeGreaterThan(20 * 1024 ** 2);
  expect(await groupUsage(leader.pid)).toBeUndefined();
});
