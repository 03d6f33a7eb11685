import fc from 'fast-check';
import {
  type BatchProgress,
  batchStatus,
  type BuildState,
  nextBuilds,
} from '../../src/codebuild/batch-order';

type Ordered = BatchProgress['builds'][number];

const build = (identifier: string, more: Partial<Ordered> = {}): Ordered => ({
  identifier,
  dependsOn: [],
  ignoreFailure: false,
  ...more,
});

const next = (
  builds: readonly Ordered[],
  states: Readonly<Record<string, BuildState>> = {},
  more: Partial<BatchProgress> = {},
) => {
  const { start, stop } = nextBuilds({
    builds,
    states: new Map(Object.entries(states)),
    fastFail: false,
    mostAtOnce: 10,
    ...more,
  });
  const names = (some: readonly Ordered[]) => some.map(({ identifier }) => identifier);
  return { start: names(start), stop: names(stop) };
};

describe('the builds of a batch', () => {
  test('start together, as many as may run at once', () => {
    const builds = [build('a'), build('b'), build('c')];
    expect(next(builds).start).toEqual(['a', 'b', 'c']);
    expect(next(builds, {}, { mostAtOnce: 2 }).start).toEqual(['a', 'b']);
    expect(next(builds, { a: 'SUCCEEDED', b: 'IN_PROGRESS' }, { mostAtOnce: 2 }).start).toEqual([
      'c',
    ]);
  });

  test('wait for those they depend on', () => {
    const builds = [build('a'), build('b', { dependsOn: ['a'] })];
    expect(next(builds).start).toEqual(['a']);
    expect(next(builds, { a: 'IN_PROGRESS' }).start).toEqual([]);
    expect(next(builds, { a: 'SUCCEEDED' }).start).toEqual(['b']);
  });

  test('do not follow one that failed, unless its failure is ignored', () => {
    const after = build('b', { dependsOn: ['a'] });
    expect(next([build('a'), after], { a: 'FAILED' })).toEqual({ start: [], stop: [] });
    expect(next([build('a', { ignoreFailure: true }), after], { a: 'FAILED' }).start).toEqual([
      'b',
    ]);
  });

  test('go on beside one that failed, and with fast-fail are stopped', () => {
    const builds = [build('a'), build('b'), build('c')];
    const states = { a: 'FAILED', b: 'IN_PROGRESS' } as const;
    expect(next(builds, states)).toEqual({ start: ['c'], stop: [] });
    expect(next(builds, states, { fastFail: true })).toEqual({ start: [], stop: ['b'] });
  });

  test('that failed fail the batch, unless that is ignored', () => {
    const states = new Map<string, BuildState>([
      ['a', 'TIMED_OUT'],
      ['b', 'SUCCEEDED'],
    ]);
    expect(batchStatus({ builds: [build('a'), build('b')], states })).toBe('FAILED');
    const ignored = [build('a', { ignoreFailure: true }), build('b')];
    expect(batchStatus({ builds: ignored, states })).toBe('SUCCEEDED');
  });
});

const anyBatch = fc
  .array(
    fc.record({
      ignoreFailure: fc.boolean(),
      /** Which of the builds before it each one depends on */
      before: fc.array(fc.nat(20), { maxLength: 3 }),
      ends: fc.constantFrom<BuildState>('SUCCEEDED', 'SUCCEEDED', 'FAILED', 'TIMED_OUT'),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all) =>
    all.map(({ ignoreFailure, before, ends }, index) => ({
      ignoreFailure,
      ends,
      identifier: `b${index}`,
      dependsOn: index === 0 ? [] : [...new Set(before.map((at) => `b${at % index}`))],
    })),
  );

test('a batch starts no build before its dependencies are done, and comes to an end', () => {
  fc.assert(
    fc.property(
      anyBatch,
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat()),
      (builds, fastFail, mostAtOnce, choices) => {
        const states = new Map<string, BuildState>();
        const find = (name: string) => builds.find(({ identifier }) => identifier === name)!;
        const counts = (name: string) =>
          ['FAILED', 'TIMED_OUT', 'STOPPED'].includes(states.get(name) ?? '') &&
          !find(name).ignoreFailure;
        for (let step = 0; ; step += 1) {
          expect(step).toBeLessThanOrEqual(2 * builds.length);
          const { start, stop } = nextBuilds({ builds, states, fastFail, mostAtOnce });
          const hasFailed = builds.some(({ identifier }) => counts(identifier));
          if (fastFail && hasFailed) expect(start).toEqual([]);
          else expect(stop).toEqual([]);
          for (const { identifier, dependsOn } of start) {
            expect(states.has(identifier)).toBe(false);
            for (const dependency of dependsOn) {
              expect(states.get(dependency)).toBeDefined();
              expect(states.get(dependency)).not.toBe('IN_PROGRESS');
              expect(counts(dependency)).toBe(false);
            }
            states.set(identifier, 'IN_PROGRESS');
          }
          for (const { identifier } of stop) {
            expect(states.get(identifier)).toBe('IN_PROGRESS');
            states.set(identifier, 'STOPPED');
          }
          const running = builds.filter(
            ({ identifier }) => states.get(identifier) === 'IN_PROGRESS',
          );
          expect(running.length).toBeLessThanOrEqual(mostAtOnce);
          const ending = running[(choices.next().value ?? 0) % Math.max(1, running.length)];
          if (ending === undefined) break;
          states.set(ending.identifier, ending.ends);
        }
        // What never started had a reason not to.
        const isFailed = batchStatus({ builds, states }) === 'FAILED';
        if (builds.some(({ identifier }) => !states.has(identifier))) expect(isFailed).toBe(true);
        expect(isFailed).toBe(builds.some(({ identifier }) => counts(identifier)));
      },
    ),
  );
});
