import { parseBuildArguments } from '../../src/containers/build-arguments';

const parse = (...argv: string[]) => parseBuildArguments(argv, '/somewhere', { COMMIT: 'abc' });

it('reads context, Dockerfile, names, arguments, target and platform', () => {
  expect(
    parse(
      ...['--platform', 'linux/arm64', '--build-arg', 'A=1=2', '--build-arg', 'COMMIT'],
      ...['--build-arg', 'NOT_SET', '-f', 'apps/api/Dockerfile', '-t', 'a:1', '--tag=a:2'],
      ...['--target', 'build', '--no-cache', '--progress=plain', '.'],
    ),
  ).toMatchObject({
    contextDirectory: '/somewhere',
    dockerfile: '/somewhere/apps/api/Dockerfile',
    tags: ['a:1', 'a:2'],
    buildArgs: { A: '1=2', COMMIT: 'abc' },
    target: 'build',
    platform: 'linux/arm64',
  });
});

it('takes the Dockerfile of the context when none is named', () => {
  expect(parse('sub').dockerfile).toBe('/somewhere/sub/Dockerfile');
});

it('names an option that it does not play, and what to do', () => {
  expect(() => parse('--ssh', 'default', '.')).toThrow(
    /^docker build: Unknown option '--ssh'.*Played without Docker: --file, --tag/,
  );
});

it('wants one directory as context', () => {
  expect(() => parse()).toThrow('requires exactly 1 argument');
  expect(() => parse('a', 'b')).toThrow('but got 2: a b');
  expect(() => parse('https://example.com/x.git')).toThrow('only directories can be built');
});
