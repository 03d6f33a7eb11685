import { TimeLimits } from '../src/time-limits';
import { ManualClock } from './_helpers/manual-clock';

it('reaches every limit of a minute or more at once, and no shorter wait', async () => {
  const limits = new TimeLimits(new ManualClock());
  const ended: string[] = [];
  const note = (name: string) => () => ended.push(name);
  const waits = [
    limits.wait(15 * 60_000).then(note('deployment')),
    limits.delay(60_000).then(note('build')),
  ];
  void limits.wait(59_999).then(note('interval'));
  limits.skip();
  await Promise.all(waits);
  expect(ended.sort()).toEqual(['build', 'deployment']);
});

it('skips no limit that begins afterwards', async () => {
  const clock = new ManualClock();
  const limits = new TimeLimits(clock);
  limits.skip();
  let isOver = false;
  const wait = limits.wait(60_000).then(() => (isOver = true));
  await clock.advance(59_999);
  expect(isOver).toBe(false);
  await clock.advance(1);
  await wait;
  expect(isOver).toBe(true);
});

it('reaches a limit that has somebody act, unless it was taken back', async () => {
  const clock = new ManualClock();
  const limits = new TimeLimits(clock);
  const acted: string[] = [];
  limits.after(60_000, () => acted.push('long'));
  limits.after(60_000, () => acted.push('taken back'))();
  limits.after(1000, () => acted.push('short'));
  limits.skip();
  await clock.advance(0);
  expect(acted).toEqual(['long']);
  await clock.advance(1000);
  expect(acted).toEqual(['long', 'short']);
});
