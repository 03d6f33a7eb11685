import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findArtifacts } from '../../src/codebuild/build-artifacts';
import { parseBuildspec } from '../../src/codebuild/buildspec';

let scratch: string;
let log: string[];

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'artifacts-'));
  log = [];
  await mkdir(join(scratch, 'home'));
  for (const file of [
    'imageDefinitions.json',
    'dist/a.js',
    'dist/.env',
    'dist/deep/b.js',
    'x[1].txt',
  ]) {
    const path = join(scratch, 'src', file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file);
  }
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function find(artifacts: string): Promise<string[]> {
  const spec = parseBuildspec(
    `version: 0.2\nphases: {build: {commands: [make]}}\nartifacts: ${artifacts}\n`,
  ).artifacts!;
  const found = await findArtifacts(
    { ...spec, files: spec.files ?? [] },
    { source: join(scratch, 'src'), home: join(scratch, 'home') },
    { OUT: 'dist' },
    (line) => log.push(line),
  );
  return found.map(({ path }) => path);
}

describe('artifacts of a build', () => {
  test('a named file that is absent is skipped while another is found', async () => {
    expect(await find('{files: [imageDefinitions.json, appspec.yml], discard-paths: yes}')).toEqual(
      ['imageDefinitions.json'],
    );
    expect(log).toEqual([
      'Expanding base directory path: .',
      'Assembling file list',
      'Expanding imageDefinitions.json',
      'Found 1 file(s)',
      'Expanding appspec.yml',
      'Skipping invalid file path appspec.yml',
    ]);
  });

  test('nothing found fails the upload in the words of CodeBuild', async () => {
    await expect(find('{files: [appspec.yml, "*.none"]}')).rejects.toThrow(
      /^no matching artifact paths found$/,
    );
    await expect(find('{files: ["**/*"], base-directory: build}')).rejects.toThrow(
      'no matching base directory path found for build',
    );
  });

  test.each([
    [
      '{files: ["**/*"]}',
      ['dist/.env', 'dist/a.js', 'dist/deep/b.js', 'imageDefinitions.json', 'x[1].txt'],
    ],
    ['{files: ["**/*"], base-directory: $OUT}', ['.env', 'a.js', 'deep/b.js']],
    ['{files: ["*"], base-directory: "di*"}', ['.env', 'a.js']],
    ['{files: ["**/*.js"], discard-paths: yes}', ['a.js', 'b.js']],
    ['{files: ["**/*"], base-directory: dist, exclude-paths: ["deep/**/*", .env]}', ['a.js']],
    ['{files: ["x[1].txt", ./dist/a.js]}', ['x[1].txt', 'dist/a.js']],
  ])('%s', async (artifacts, expected) => {
    expect((await find(artifacts)).sort()).toEqual([...expected].sort());
  });

  test('a directory by its name, a path upwards and a link to nothing are no files', async () => {
    await writeFile(join(scratch, 'outside'), '');
    await symlink('nowhere', join(scratch, 'src/dangling'));
    expect(await find('{files: [dist, ../outside, dangling, imageDefinitions.json]}')).toEqual([
      'imageDefinitions.json',
    ]);
  });
});
