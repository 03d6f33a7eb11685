import { join } from 'node:path';
import { parseDockerignore } from '../../../src/containers/process/dockerignore';
import { findSources, readFileTree } from '../../../src/containers/process/file-tree';
import { scratchDirectory } from '../../_helpers/scratch-directory';
import { writeProject } from '../_project';

const scratch = scratchDirectory();
const root = writeProject(join(scratch, 'context'), {
  'package.json': '',
  '.env': '',
  'apps/api/src/main.ts': '',
  'apps/api/src/main.test.ts': '',
  'apps/web/index.html': '',
  'node_modules/x/index.js': '',
});

const files = (rules: string) =>
  readFileTree(root, parseDockerignore(rules))
    .entries.filter(({ isDirectory }) => !isDirectory)
    .map(({ path }) => path);

it('leaves out what a rule names, with everything below it', () => {
  expect(files('# comment\nnode_modules\n/apps/web/\n.env')).toEqual([
    'apps/api/src/main.test.ts',
    'apps/api/src/main.ts',
    'package.json',
  ]);
});

it('lets in again what a later rule names, below an ignored directory too', () => {
  expect(files('*\n!package.json\n!apps/api/src\n**/*.test.ts')).toEqual([
    'apps/api/src/main.ts',
    'package.json',
  ]);
});

it('matches * within one name only, and ** across directories', () => {
  expect(files('*.ts')).toContain('apps/api/src/main.ts');
  expect(files('**/*.ts')).not.toContain('apps/api/src/main.ts');
});

it('does not read an ignored directory that nothing can let in again', () => {
  const rules = parseDockerignore('node_modules\napps\n!apps/api');
  expect(rules.mayLetInBelow('node_modules')).toBe(false);
  expect(rules.mayLetInBelow('apps')).toBe(true);
  expect(rules.mayLetInBelow('apps/web')).toBe(false);
});

it('finds the sources of COPY: a file, a directory, a pattern, everything', () => {
  const tree = readFileTree(root, parseDockerignore('*\n!apps/api'));
  expect(findSources(tree, './apps/api/')).toEqual(['apps/api']);
  expect(findSources(tree, 'apps')).toEqual(['apps']);
  expect(findSources(tree, '.')).toEqual(['']);
  expect(findSources(tree, 'apps/*')).toEqual(['apps/api']);
  expect(findSources(tree, 'package*.json')).toEqual([]);
  expect(findSources(tree, '.env')).toEqual([]);
});
