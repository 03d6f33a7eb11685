import { withCommandsFirst } from './broken-buildspec';
import type { Commit } from './repository';

/** A test as somebody writes it who has changed what the code does, and not what it should do. */
const TEST = `import { strictEqual } from 'node:assert';
import { test } from 'node:test';

test('a rehearsed failure', () => strictEqual(1 + 1, 3));
`;

const TEST_FILE = 'rehearsed-failure.test.mjs';

/**
 * A commit whose tests fail: one more test in the root package's `test` script when the build runs
 * that; else a command that fails, at the beginning of the build's tests.
 */
export function failingTest(buildspecPath: string, read: (path: string) => string): Commit {
  const message = 'A change that breaks a test';
  const buildspec = read(buildspecPath);
  const manifest = read('package.json');
  const script = /("test"\s*:\s*")((?:[^"\\]|\\.)+)"/.exec(manifest);
  if (script !== null && /^\s*-\s+(?:npm|pnpm|yarn)\s+(?:run\s+)?(?:test|t)\b/m.test(buildspec)) {
    const [whole, before = '', commands = ''] = script;
    const content = manifest.replace(
      whole,
      () => `${before}node --test ${TEST_FILE} && ${commands}"`,
    );
    return {
      message,
      files: [
        { path: 'package.json', content },
        { path: TEST_FILE, content: TEST },
      ],
    };
  }
  const command = "echo 'not ok 1 - a rehearsed failure' >&2; exit 1";
  const content = withCommandsFirst(buildspec, 'pre_build', [command]);
  return { message, files: [{ path: buildspecPath, content }] };
}
