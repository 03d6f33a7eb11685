import { failingTest } from '../../../src/scenarios/commits/failing-test';

const reader = (files: Record<string, string>) => (path: string) => files[path] ?? '';
const buildspec = (command: string) =>
  `version: 0.2\nphases:\n  pre_build:\n    commands:\n      - ${command}\n`;

it('adds a test that fails to those that the build runs', () => {
  const { files } = failingTest(
    'buildspec.yml',
    reader({
      'buildspec.yml': buildspec('npm test -- --ci'),
      'package.json': '{"scripts": {"test": "jest --colors"}}',
    }),
  );
  expect(files[0]).toEqual({
    path: 'package.json',
    content: '{"scripts": {"test": "node --test rehearsed-failure.test.mjs && jest --colors"}}',
  });
  expect(files[1]?.content).toContain('strictEqual(1 + 1, 3)');
});

it.each([
  ['no package', { 'buildspec.yml': buildspec('pytest') }],
  [
    'a package whose tests the build does not run',
    { 'buildspec.yml': buildspec('make'), 'package.json': '{"scripts": {"test": "jest"}}' },
  ],
])('fails a command of the build where there is %s', (_, files) => {
  const [file] = failingTest('buildspec.yml', reader(files)).files;
  expect(file?.path).toBe('buildspec.yml');
  expect(file?.content).toContain('exit 1');
});
