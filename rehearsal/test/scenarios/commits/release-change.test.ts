import { releaseChange } from '../../../src/scenarios/commits/release-change';

const change = (files: Record<string, string>, buildspec = '') =>
  releaseChange(Object.keys(files), buildspec, (path) => files[path]!);

it('bumps the patch version of the package beside the Dockerfile', () => {
  expect(
    change({
      'package.json': '{"version": "9.9.9"}',
      'apps/api/Dockerfile': 'FROM node',
      'apps/api/package.json': '{\n  "name": "api",\n  "version": "1.2.9"\n}\n',
    }),
  ).toEqual({
    path: 'apps/api/package.json',
    content: '{\n  "name": "api",\n  "version": "1.2.10"\n}\n',
    message: 'Release 1.2.10',
  });
});

it('follows the Dockerfile that the buildspec names', () => {
  const files = {
    'a/Dockerfile': 'FROM a',
    'a/package.json': '{"version":"1.0.0"}',
    'b/Dockerfile': 'FROM b',
    'b/package.json': '{"version":"2.0.0"}',
  };
  expect(change(files, '- docker build -t x -f ./b/Dockerfile .')?.path).toBe('b/package.json');
  expect(change(files)?.path).toBe('a/package.json');
});

it('labels the image where there is no package with a version, each time anew', () => {
  const files = { Dockerfile: 'FROM python\n', 'package.json': '{"private":true}' };
  const first = change(files);
  expect(first).toEqual({
    path: 'Dockerfile',
    content: 'FROM python\nLABEL org.opencontainers.image.version="rehearsed-1"\n',
    message: 'Rehearsed release 1',
  });
  expect(change({ ...files, Dockerfile: first!.content })?.content).toMatch(/"rehearsed-2"\n$/);
});

it('finds nothing to change in a repository without a Dockerfile', () => {
  expect(change({ 'package.json': '{"version":"1.0.0"}' })).toBeUndefined();
});
