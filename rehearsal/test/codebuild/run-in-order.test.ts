import type { BatchBuild } from '../../src/codebuild/batch-plan';
import { type OrderedRun, runInOrder } from '../../src/codebuild/run-in-order';

const build = (identifier: string, more: Partial<BatchBuild> = {}): BatchBuild => ({
  identifier,
  buildspec: undefined,
  environment: {
    type: undefined,
    computeType: undefined,
    image: undefined,
    privilegedMode: undefined,
  },
  variables: {},
  dependsOn: [],
  ignoreFailure: false,
  ...more,
});

/** A build that only ends when it is stopped. */
const untilStopped = (signal: AbortSignal) =>
  new Promise<'STOPPED'>((resolve) => {
    signal.addEventListener('abort', () => resolve('STOPPED'));
  });

const batch = (more: Partial<OrderedRun> & Pick<OrderedRun, 'builds' | 'run'>): OrderedRun => ({
  fastFail: false,
  mostAtOnce: 10,
  mayStop: () => true,
  signal: new AbortController().signal,
  ...more,
});

test('each build starts when its turn has come', async () => {
  const started: string[] = [];
  const states = await runInOrder(
    batch({
      builds: [build('last', { dependsOn: ['first'] }), build('first')],
      run: ({ identifier }) => {
        started.push(identifier);
        return Promise.resolve('SUCCEEDED');
      },
    }),
  );
  expect(started).toEqual(['first', 'last']);
  expect([...states.values()]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
});

test('fast-fail stops what runs, once each', async () => {
  const asked: string[] = [];
  const states = await runInOrder(
    batch({
      builds: [build('red'), build('slow'), build('slower')],
      fastFail: true,
      run: ({ identifier }, signal) =>
        identifier === 'red' ? Promise.resolve('FAILED') : untilStopped(signal),
      mayStop: ({ identifier }) => asked.push(identifier) > 0,
    }),
  );
  expect(Object.fromEntries(states)).toEqual({ red: 'FAILED', slow: 'STOPPED', slower: 'STOPPED' });
  expect(asked).toEqual(['slow', 'slower']);
});

test('what may not be stopped runs to its end', async () => {
  let end: (status: 'SUCCEEDED') => void = () => undefined;
  const slow = new Promise<'SUCCEEDED'>((resolve) => (end = resolve));
  const states = await runInOrder(
    batch({
      builds: [build('red'), build('slow'), build('other', { dependsOn: ['slow'] })],
      fastFail: true,
      run: ({ identifier }, signal) =>
        identifier === 'red'
          ? Promise.resolve('FAILED')
          : Promise.race([slow, untilStopped(signal)]),
      mayStop: () => {
        end('SUCCEEDED');
        return false;
      },
    }),
  );
  expect(Object.fromEntries(states)).toEqual({ red: 'FAILED', slow: 'SUCCEEDED' });
});

test('a batch that is stopped starts nothing more', async () => {
  const stop = new AbortController();
  const running = runInOrder(
    batch({
      builds: [build('one'), build('two', { dependsOn: ['one'] }), build('three')],
      mostAtOnce: 1,
      run: (_, signal) => untilStopped(signal),
      signal: stop.signal,
    }),
  );
  stop.abort();
  expect(Object.fromEntries(await running)).toEqual({ one: 'STOPPED' });
});

test('when a build cannot be played the others are stopped first', async () => {
  const ended: string[] = [];
  const running = runInOrder(
    batch({
      builds: [build('slow'), build('foreign')],
      run: async ({ identifier }, signal) => {
        if (identifier === 'foreign') throw new Error('not played');
        const state = await untilStopped(signal);
        ended.push(identifier);
        return state;
      },
    }),
  );
  await expect(running).rejects.toThrow('not played');
  expect(ended).toEqual(['slow']);
});
