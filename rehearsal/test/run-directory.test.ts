import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnProcess } from '../src/process/spawn-process';
import { startTimeOf } from '../src/process/process-ledger';
import { removeLeftovers } from '../src/leftovers';
import { RunDirectory } from '../src/run-directory';
import { scratchDirectory } from './_helpers/scratch-directory';

const home = scratchDirectory();
const removeHere = () => removeLeftovers(home, { found: false, reason: '' }, process.env);
const sleeper = (ledger?: RunDirectory['ledger']) =>
  spawnProcess('sleep', ['60'], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '' },
    ...(ledger && { ledger }),
  });

it('is alive while its engine runs, and gone with everything it started when removed', async () => {
  const run = RunDirectory.create(home, Date.now());
  const child = await sleeper(run.ledger);
  expect(await removeHere()).toEqual([]);
  run.remove();
  run.remove();
  expect((await child.exited).signal).toBe('SIGKILL');
  expect(existsSync(run.path)).toBe(false);
});

it('finds and ends what a killed engine left behind', async () => {
  const run = RunDirectory.create(home, Date.now() + 1000);
  const child = await sleeper(run.ledger);
  // As if another process had been the engine, and had ended.
  writeFileSync(join(run.path, 'engine.pid'), `${process.pid} 1`);
  expect(await removeHere()).toEqual([run.id]);
  expect((await child.exited).signal).toBe('SIGKILL');
  expect(existsSync(run.path)).toBe(false);
});

it('says that its directory cannot be written', () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  expect(() => RunDirectory.create(file, 0)).toThrow(/which cannot be written: ENOTDIR/);
});

it('leaves a process alone that only happens to have a recorded pid', async () => {
  const processes = join(home, 'runs', 'killed', 'processes');
  mkdirSync(processes, { recursive: true });
  const child = await sleeper();
  writeFileSync(join(processes, String(child.pid)), 'started at another time');
  expect(await removeHere()).toEqual(['killed']);
  expect(startTimeOf(child.pid)).toBeDefined();
  child.kill('SIGKILL');
  await child.exited;
});
