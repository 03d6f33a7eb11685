import fc from 'fast-check';
import { Shutdown, type ShutdownPhase } from '../src/shutdown';

/** A shutdown whose clock and connections the test moves; `acts` lists what it did. */
function createShutdown(times = { graceMs: 250, deadlineMs: 25_000 }) {
  const acts: string[] = [];
  const timers: { action: () => void; at: number }[] = [];
  let drained: (() => void) | undefined;
  const shutdown = new Shutdown(times, {
    announceClose: () => acts.push('announce close'),
    stopAccepting: (callback) => {
      acts.push('stop accepting');
      drained = callback;
    },
    schedule: (action, delayMs) => timers.push({ action, at: delayMs }),
    exit: (code) => acts.push(`exit ${code}`),
    report: () => undefined,
  });
  return {
    acts,
    shutdown,
    /** Runs the timers due by this time after the first signal. */
    advanceTo: (ms: number) => {
      for (const { action } of timers.filter(({ at }) => at <= ms)) action();
    },
    lastConnectionGone: () => drained?.(),
  };
}

test('a service that was not told to stop is ready', () => {
  expect(createShutdown().shutdown.phase).toBe('ready');
});

test('after the signal, requests are accepted for the grace period, then no longer', () => {
  const { shutdown, acts, advanceTo } = createShutdown();
  shutdown.signal('SIGTERM');
  advanceTo(249);
  expect(shutdown.phase).toBe('grace');
  expect(acts).toEqual(['announce close']);
  advanceTo(250);
  expect(shutdown.phase).toBe('draining');
  expect(acts).toEqual(['announce close', 'stop accepting']);
});

test('it exits with 0 once the last connection has gone', () => {
  const { shutdown, acts, advanceTo, lastConnectionGone } = createShutdown();
  shutdown.signal('SIGTERM');
  advanceTo(250);
  lastConnectionGone();
  expect(acts.at(-1)).toBe('exit 0');
});

test('requests still in flight at the deadline end it with 1', () => {
  const { shutdown, acts, advanceTo } = createShutdown();
  shutdown.signal('SIGTERM');
  advanceTo(25_000);
  expect(acts.at(-1)).toBe('exit 1');
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second signal, %s, ends it at once with %d', (signal, code) => {
  const { shutdown, acts } = createShutdown();
  shutdown.signal('SIGTERM');
  shutdown.signal(signal);
  expect(acts.at(-1)).toBe(`exit ${code}`);
});

test('whatever happens in whatever order, it only moves forward and exits at most once', () => {
  const order: ShutdownPhase[] = ['ready', 'grace', 'draining', 'stopped'];
  const happening = fc.constantFrom('signal', 'grace over', 'connections gone', 'deadline');
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 12 }), (happenings) => {
      const { shutdown, acts, advanceTo, lastConnectionGone } = createShutdown();
      for (const name of happenings) {
        const before = order.indexOf(shutdown.phase);
        if (name === 'signal') shutdown.signal('SIGTERM');
        if (name === 'grace over') advanceTo(250);
        if (name === 'connections gone') lastConnectionGone();
        if (name === 'deadline') advanceTo(25_000);
        expect(order.indexOf(shutdown.phase)).toBeGreaterThanOrEqual(before);
      }
      const exits = acts.filter((act) => act.startsWith('exit'));
      expect(exits).toHaveLength(shutdown.phase === 'stopped' ? 1 : 0);
    }),
  );
});
