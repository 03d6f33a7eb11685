import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMITTER_ENVIRONMENT, Git } from '../../src/github/git';
import { childEnvironment } from '../../src/process/child-environment';
import { uncommittedChanges } from '../../src/project/working-directory';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();
const environment = childEnvironment(process.env, scratch, COMMITTER_ENVIRONMENT);
let places = 0;

async function repository(...files: string[]): Promise<Git> {
  places += 1;
  const git = new Git(join(scratch, String(places)), environment);
  mkdirSync(git.directory);
  await git.run('init', '--quiet');
  for (const file of files) writeFileSync(join(git.directory, file), 'committed');
  if (files.length > 0) {
    await git.run('add', '.');
    await git.run('commit', '--quiet', '-m', 'First');
  }
  return git;
}

it('says nothing when everything is committed, whatever git does not track', async () => {
  const git = await repository('a.ts');
  writeFileSync(join(git.directory, 'notes.txt'), 'mine');
  expect(await uncommittedChanges(git)).toBeUndefined();
});

it('names the changes that a rehearsal does not release, and the commit that it does', async () => {
  const files = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const git = await repository(...files);
  for (const file of files) writeFileSync(join(git.directory, file), 'changed');
  const commit = (await git.run('rev-parse', 'HEAD')).slice(0, 7);
  expect(await uncommittedChanges(git)).toBe(
    `Changes that are not committed were not released: a, b, c, d, e and 2 more. What was pushed is commit ${commit}; only the templates were synthesized from the files as they are.`,
  );
});

it('asks for a commit where there is none', async () => {
  await expect(uncommittedChanges(await repository())).rejects.toThrow(
    /there is no commit in '.*', and a rehearsal pushes one\. Commit first\./,
  );
});
