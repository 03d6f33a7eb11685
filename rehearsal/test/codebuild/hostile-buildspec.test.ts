import { parseBuildspec } from '../../src/codebuild/buildspec';

const phases = 'phases:\n  build:\n    commands:\n      - make\n';

function failure(text: string): Error {
  try {
    parseBuildspec(text);
  } catch (error) {
    return error as Error;
  }
  throw new Error('the buildspec was accepted');
}

test.each([
  ['more bytes than a buildspec may have', `version: 0.2\n${phases}#${'x'.repeat(600 * 1024)}`],
  ['a list in lists without end', `version: 0.2\nphases: ${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['an alias of what it stands in', `version: 0.2\nphases: &a\n  build:\n    commands: *a\n`],
  ['a key for a second time', `version: 0.2\n${phases}version: 0.2\n`],
  ['a member called __proto__', `version: 0.2\n__proto__: {x: y}\n${phases}`],
  ['a phase called constructor', `version: 0.2\nphases:\n  constructor:\n    commands: [x]\n`],
  ['bytes that are no text', `version: 0.2\nphases: \u0000\u0001\n`],
])('a buildspec with %s fails the build and nothing else', (_, text) => {
  expect(failure(text).name).toBe('BuildspecError');
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test('tags make no objects: what they mark is text, or the buildspec is refused', () => {
  const tagged = [
    `version: 0.2\nphases:\n  build:\n    commands:\n      - !!js/function 'function () { return 1 }'\n`,
    `version: 0.2\nphases:\n  build:\n    commands:\n      - !!python/object/apply:os.system ['id']\n`,
  ];
  for (const text of tagged) {
    try {
      expect(typeof parseBuildspec(text).phases.build?.commands[0]).toBe('string');
    } catch (error) {
      expect((error as Error).name).toBe('BuildspecError');
    }
  }
});

test('merge keys that multiply are refused as aliases are', () => {
  const levels = Array.from({ length: 30 }, (_, index) =>
    index === 0
      ? 'l0: &l0 {a: b}'
      : `l${index}: &l${index} {<<: [*l${index - 1}, *l${index - 1}], k${index}: [*l${index - 1}, *l${index - 1}]}`,
  );

  expect(failure(`version: 0.2\n${levels.join('\n')}\n${phases}`).name).toBe('BuildspecError');
});
