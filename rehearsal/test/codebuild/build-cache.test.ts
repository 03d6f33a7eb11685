import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { moveDirectory, planCache } from '../../src/codebuild/build-cache';
import type { Authorizer } from '../../src/iam/authorizer';
import { BuildFixture, buildProject } from '../_helpers/build-fixture';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

const S3 = { type: 'S3', location: 'bucket/build-cache', modes: [] } as const;
const paths = { source: '/run/src', home: '/run/home' };

describe('the directories that a project keeps', () => {
  test.each([
    ['/root/.npm/**/*', '/run/home/.npm'],
    ['/root/.npm', '/run/home/.npm'],
    ['~/.cache/', '/run/home/.cache'],
    ['node_modules/**/*', '/run/src/node_modules'],
    ['./apps/api/node_modules/*', '/run/src/apps/api/node_modules'],
  ])('%s is %s here', (pattern, path) => {
    expect(planCache(S3, [pattern], paths, '/cache').directories).toMatchObject([{ path }]);
  });

  test.each(['/root/.m2/*.xml', '/etc/**/*', '../other', '/root', '**/*', '/rootless/x'])(
    '%s is not kept, and is named',
    (pattern) => {
      expect(planCache(S3, [pattern], paths, '/cache')).toEqual({
        directories: [],
        unplayed: [pattern],
      });
    },
  );

  test('a project without a cache keeps nothing, whatever the buildspec says', () => {
    const keep = (type: 'NO_CACHE' | 'LOCAL', modes: string[]) =>
      planCache({ type, location: undefined, modes }, ['a'], paths, '/cache').directories.length;
    expect(keep('NO_CACHE', [])).toBe(0);
    expect(keep('LOCAL', ['LOCAL_DOCKER_LAYER_CACHE'])).toBe(0);
    expect(keep('LOCAL', ['LOCAL_CUSTOM_CACHE'])).toBe(1);
  });
});

describe('a build with a cache', () => {
  let fixture: BuildFixture;
  beforeEach(async () => {
    fixture = await BuildFixture.create();
  });
  afterEach(() => fixture.remove());

  const project = buildProject({ Cache: { Type: 'S3', Location: 'bucket/build-cache' } });
  const spec = (command: string) => `
version: 0.2
phases: { build: { commands: ['ls ~/.npm 2>/dev/null | sed "s/^/found /"', '${command}'] } }
cache: { paths: ['/root/.npm/**/*'] }
`;
  const fill = (name: string) => spec(`mkdir -p ~/.npm && touch ~/.npm/${name}`);
  const found = () => fixture.log.filter((line) => line.startsWith('found '));

  test('finds what the last successful build left', async () => {
    await fixture.build(fill('one'), { project });
    expect(found()).toEqual([]);
    await fixture.build(spec('true'), { project });
    await fixture.build(spec('true'), { project });
    expect(found()).toEqual(['found one', 'found one']);
  });

  test('keeps nothing of a first build that fails, and does not lose the cache to a later one', async () => {
    await fixture.build(fill('one && false'), { project });
    await fixture.build(fill('two'), { project });
    expect(found()).toEqual([]);
    await fixture.build(spec('false'), { project });
    await fixture.build(spec('true'), { project });
    expect(found()).toEqual(['found two', 'found two']);
  });

  test('makes npm use the cached directory, not the one of the person', async () => {
    const hostEnvironment = { PATH: process.env.PATH, npm_config_cache: '/somewhere/else' };
    const show = spec('echo "npm cache: ${npm_config_cache:-default}"');
    await fixture.build(show, { project }, { hostEnvironment });
    await fixture.build(show, { project: buildProject() }, { hostEnvironment });
    expect(fixture.log.filter((line) => line.startsWith('npm cache'))).toEqual([
      'npm cache: default',
      'npm cache: /somewhere/else',
    ]);
  });

  test('goes on without it when its role may not read or write the bucket', async () => {
    const asked: string[] = [];
    const authorizer: Authorizer = {
      authorize: ({ action, resource }) => {
        if (!action.startsWith('s3:')) return { allowed: true };
        asked.push(`${action} ${resource}`);
        return { allowed: false, message: `not authorized to perform: ${action}` };
      },
    };
    const result = await fixture.build(fill('one'), { project }, { authorizer });
    expect(result.status).toBe('SUCCEEDED');
    expect(asked[0]).toBe('s3:GetObject arn:aws:s3:::bucket/build-cache/api-build');
    expect(fixture.log).toContain(
      '[Container] Unable to download cache: AccessDenied: not authorized to perform: s3:GetObject',
    );
    await fixture.build(spec('true'), { project });
    expect(found()).toEqual([]);
  });

  test('names a path that is not kept', async () => {
    await fixture.build(fill('x').replace('/root/.npm/**/*', '/etc/*'), { project });
    expect(fixture.unproven().join()).toContain('the cache path /etc/* was not kept');
  });

  describe('by key', () => {
    const keyed = (keys: string, command: string) => `
version: 0.2
phases: { build: { commands: ['ls ~/.npm 2>/dev/null | sed "s/^/found /"', '${command}'] } }
cache: { ${keys}, paths: ['/root/.npm/**/*'] }
`;
    const add = (name: string) => `mkdir -p ~/.npm && touch ~/.npm/${name}`;
    const build = (keys: string, command: string, files: Record<string, string> = {}) =>
      fixture
        .source({ 'buildspec.yml': keyed(keys, command), ...files })
        .then((sourceDirectory) => fixture.build(undefined, { project, sourceDirectory }));

    test('finds what was kept under the same key, and nothing of another', async () => {
      await build('key: a', add('of-a'));
      await build('key: b', add('of-b'));
      await build('key: a', 'true');
      expect(found()).toEqual(['found of-a']);
    });

    test('falls back to the newest key with one of the prefixes, which stays as it was', async () => {
      await build('key: npm-1', add('one'));
      await build('key: npm-2, fallback-keys: [npm-]', add('two'));
      await build('key: npm-1', 'true');
      await build('key: npm-2', 'true');
      expect(found()).toEqual(['found one', 'found one', 'found one', 'found two']);
    });

    test('a failed build does not keep what it had from a fallback', async () => {
      await build('key: npm-1', add('one'));
      await build('key: npm-2, fallback-keys: [npm-]', 'false');
      await build('key: npm-2', 'true');
      expect(found()).toEqual(['found one']);
    });

    test('with codebuild-hash-files changes when a file changes', async () => {
      const key = 'key: npm-$(codebuild-hash-files package-lock.json "**/Cargo.lock")';
      await build(key, add('one'), { 'package-lock.json': '1', 'a/Cargo.lock': 'x' });
      await build(key, 'true', { 'package-lock.json': '1', 'a/Cargo.lock': 'x' });
      await build(key, 'true', { 'package-lock.json': '2', 'a/Cargo.lock': 'x' });
      await build(key, 'true', { 'package-lock.json': '1', 'a/Cargo.lock': 'y' });
      expect(found()).toEqual(['found one']);
    });
  });

  test('action restore brings it back and keeps nothing, action save the other way round', async () => {
    const only = (action: string, command: string) =>
      spec(command).replace('cache: {', `cache: { action: ${action},`);
    await fixture.build(fill('one'), { project });
    await fixture.build(only('restore', 'touch ~/.npm/two'), { project });
    await fixture.build(spec('true'), { project });
    expect(found()).toEqual(['found one', 'found one']);
    await fixture.build(only('save', 'mkdir -p ~/.npm && touch ~/.npm/three'), { project });
    await fixture.build(spec('true'), { project });
    expect(found().slice(2)).toEqual(['found three']);
  });

  test('builds of a batch that take or keep the same directory at once do not fail each other', async () => {
    const kept = await fixture.source({ 'a.txt': 'a', 'sub/b.txt': 'b' });
    const builds = ['one', 'two', 'three', 'four'].map((name) => join(fixture.scratch, name));

    const taken = await Promise.all(builds.map((build) => moveDirectory(kept, build)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(builds.filter((build) => existsSync(build))).toHaveLength(1);

    const sources = await Promise.all(builds.map((name) => fixture.source({ 'a.txt': name })));
    const moved = await Promise.all(sources.map((source) => moveDirectory(source, kept)));
    expect(moved).toEqual([true, true, true, true]);
    expect(await readdir(kept)).toEqual(['a.txt']);
  });
});
