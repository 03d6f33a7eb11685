import { StageLock } from '../../src/codepipeline/stage-lock';

/** What has happened so far to each execution that asked to enter. */
function entering(lock: StageLock, ...numbers: number[]) {
  const outcomes: Record<number, string> = {};
  for (const number of numbers) {
    outcomes[number] = 'waiting';
    void lock.enter(number).then((outcome) => (outcomes[number] = outcome));
  }
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return outcomes;
  };
}

describe('a stage in SUPERSEDED mode', () => {
  it('lets one execution in and keeps only the newest waiting', async () => {
    const outcomes = entering(new StageLock('SUPERSEDED'), 1, 2, 3);
    expect(await outcomes()).toEqual({ 1: 'entered', 2: 'superseded', 3: 'waiting' });
  });

  it('supersedes an older execution that arrives after a newer one', async () => {
    const outcomes = entering(new StageLock('SUPERSEDED'), 1, 3, 2);
    expect(await outcomes()).toEqual({ 1: 'entered', 3: 'waiting', 2: 'superseded' });
  });

  it('lets the waiting one in when the stage is left, also after a failure', async () => {
    const lock = new StageLock('SUPERSEDED');
    const outcomes = entering(lock, 1, 2);
    lock.leave();
    expect(await outcomes()).toEqual({ 1: 'entered', 2: 'entered' });
  });

  it('is free again when nobody waited', async () => {
    const lock = new StageLock('SUPERSEDED');
    await lock.enter(1);
    lock.leave();
    expect(await lock.enter(2)).toBe('entered');
  });
});

it('QUEUED drops nobody and keeps the order', async () => {
  const lock = new StageLock('QUEUED');
  const outcomes = entering(lock, 1, 2, 3);
  expect(await outcomes()).toEqual({ 1: 'entered', 2: 'waiting', 3: 'waiting' });
  lock.leave();
  expect(await outcomes()).toEqual({ 1: 'entered', 2: 'entered', 3: 'waiting' });
});

it('PARALLEL lets everybody in at once', async () => {
  const outcomes = entering(new StageLock('PARALLEL'), 1, 2, 3);
  expect(await outcomes()).toEqual({ 1: 'entered', 2: 'entered', 3: 'entered' });
});
