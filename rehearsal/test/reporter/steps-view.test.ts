import { jest } from '@jest/globals';
import { RehearsalError } from '../../src/errors';
import { EventStream } from '../../src/events';
import { showSteps, type Step } from '../../src/reporter/steps-view';

const lines: string[] = [];
const print = (text: string | Uint8Array) => {
  lines.push(String(text).trim());
  return true;
};

beforeEach(() => {
  lines.length = 0;
  jest.spyOn(process.stdout, 'write').mockImplementation(print);
  jest.spyOn(process.stderr, 'write').mockImplementation(print);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const show = (steps: Step[], signal = new AbortController().signal, events = new EventStream()) =>
  showSteps(steps, events, { terminal: false, signal });
const never = () => new Promise<void>(() => undefined);

it('prints plain lines where nobody watches: steps, and under each what happens', async () => {
  const events = new EventStream();
  const tell = () =>
    Promise.resolve(events.emit({ kind: 'progress', time: '', message: 'halfway' }));
  await show([{ title: 'Build', run: tell }], undefined, events);
  expect(lines.join('\n')).toMatch(/Build\n.*halfway\n.*Build/);
});

it('throws what a step threw, leaves its message to the caller, and plays no further step', async () => {
  const error = new RehearsalError('Wrong', 'a long\nexplanation');
  const next = jest.fn(never);
  const failing = { title: 'Build', run: () => Promise.reject(error) };
  await expect(show([failing, { title: 'Deploy', run: next }])).rejects.toBe(error);
  expect(lines.join('\n')).toMatch(/Build \[FAILED: see below\]/);
  expect(lines.join('\n')).not.toMatch(/explanation/);
  expect(next).not.toHaveBeenCalled();
});

it('ends at once when it is stopped, though the step would go on', async () => {
  const stopping = new AbortController();
  const next = jest.fn(never);
  const shown = show(
    [
      { title: 'Build', run: never },
      { title: 'Deploy', run: next },
    ],
    stopping.signal,
  );
  stopping.abort();
  await expect(shown).rejects.toMatchObject({ code: 'Stopped' });
  expect(next).not.toHaveBeenCalled();
});
