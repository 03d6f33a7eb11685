import { cpuMeter } from '../../src/containers/cpu-meter';
import { parseStats } from '../../src/containers/docker/container-stats';
import { ManualClock } from '../_helpers/manual-clock';

test('a meter tells how many CPUs were busy since the last look', async () => {
  const clock = new ManualClock();
  let cpuSeconds = 0;
  const look = cpuMeter(() => Promise.resolve({ cpuSeconds, memoryBytes: 7 }), clock);
  cpuSeconds = 5;
  await clock.advance(10_000);
  expect(await look()).toEqual({ cpus: 0.5, memoryBytes: 7 });
  cpuSeconds = 25;
  await clock.advance(10_000);
  expect(await look()).toEqual({ cpus: 2, memoryBytes: 7 });
  cpuSeconds = 3;
  await clock.advance(10_000);
  expect(await look()).toEqual({ cpus: 0, memoryBytes: 7 });
});

test('a meter of what has ended tells nothing', async () => {
  const clock = new ManualClock();
  const look = cpuMeter(() => Promise.resolve(undefined), clock);
  await clock.advance(10_000);
  expect(await look()).toBeUndefined();
});

test('what docker stats prints is read as CPUs and bytes', () => {
  const line = (CPUPerc: string, MemUsage: string) =>
    JSON.stringify({ CPUPerc, MemUsage, Name: 'api', PIDs: '7' });
  expect(parseStats(line('150.25%', '52.5MiB / 512MiB'))).toEqual({
    cpus: 1.5025,
    memoryBytes: 52.5 * 1024 ** 2,
  });
  expect(parseStats(line('0.00%', '1GiB / 2GiB'))?.memoryBytes).toBe(1024 ** 3);
  expect(parseStats(line('--', '-- / --'))).toBeUndefined();
});
