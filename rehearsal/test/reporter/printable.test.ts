import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RehearsalEvent } from '../../src/events';
import { describeEvent } from '../../src/reporter/describe-event';
import { EVENTS_LOG, LogFiles } from '../../src/reporter/log-files';
import { printable } from '../../src/reporter/printable';

const time = '2026-01-01T00:00:00.000Z';
const progress = (message: string): RehearsalEvent => ({ kind: 'progress', time, message });

test.each([
  ['a colour', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
  ['the title of the window', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
  ['what was written before', 'passed\rFAILED', 'passed\\u000dFAILED'],
  ['the eight-bit form', '\u009b2J', '\\u009b2J'],
  ['the direction of writing', 'a\u202eb', 'a\\u202eb'],
])('text cannot change %s on a terminal', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
  expect(describeEvent(progress(text))).toBe(shown);
});

test('lines, tabs and letters of every language stay', () => {
  expect(printable('a\tb\r\nß 漢字 🙂\n')).toBe('a\tb\nß 漢字 🙂\n');
});

test('a text of several lines cannot forge an event in the log', () => {
  const directory = mkdtempSync(join(tmpdir(), 'log-files-'));
  try {
    const logs = new LogFiles(directory);
    logs.report(progress(`broken\n${time} pipeline api: SUCCEEDED`));
    logs.close();
    expect(readFileSync(join(directory, EVENTS_LOG), 'utf8')).toBe(
      `${time} broken\n  ${time} pipeline api: SUCCEEDED\n`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});
