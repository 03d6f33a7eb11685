import { jest } from '@jest/globals';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMITTER_ENVIRONMENT, Git } from '../../src/github/git';
import { GitHub, type PullRequestEvent } from '../../src/github/github';
import { childEnvironment } from '../../src/process/child-environment';
import { scratchDirectory } from '../_helpers/scratch-directory';

// git, on a machine that may be busy.
jest.setTimeout(60_000);
const scratch = scratchDirectory();

let github: GitHub;
let work: Git;
let events: PullRequestEvent[];
beforeEach(async () => {
  const directory = mkdtempSync(join(scratch, 'place-'));
  const gitEnvironment = childEnvironment(process.env, directory, COMMITTER_ENVIRONMENT);
  const place = { owner: 'octo', repository: 'app', token: 'token' };
  github = await GitHub.start({ ...place, directory, gitEnvironment });
  work = new Git(join(directory, 'work'), gitEnvironment);
  mkdirSync(work.directory);
  await work.run('init', '--quiet', '--initial-branch=main');
  await work.run('remote', 'add', 'origin', github.remote);
  events = [];
  github.onPullRequest((event) => events.push(event));
  await push('main', 'README.md');
});
afterEach(() => github.close());

/** Commits a file and pushes it to the branch. */
async function push(branch: string, file: string): Promise<string> {
  writeFileSync(join(work.directory, file), branch);
  await work.run('add', '.');
  await work.run('commit', '--quiet', '-m', file);
  await work.run('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  return work.run('rev-parse', 'HEAD');
}

const changes = () => events.map(({ action, number }) => `${action} ${number}`);
const pullRequest = { head: 'feature', base: 'main' };

it('an opened pull request tells its branches, its newest commit and the files that it changes', async () => {
  await push('feature', 'one.txt');
  const headCommit = await push('feature', 'two.txt');
  expect(await github.openPullRequest(pullRequest)).toBe(1);
  expect(events).toEqual([
    {
      owner: 'octo',
      repository: 'app',
      action: 'opened',
      number: 1,
      ...pullRequest,
      headCommit,
      changedFiles: ['one.txt', 'two.txt'],
    },
  ]);
});

it('a push to its branch updates it, and tells all files that it changes by now', async () => {
  await push('feature', 'one.txt');
  await github.openPullRequest(pullRequest);
  const headCommit = await push('feature', 'two.txt');
  expect(events[1]).toMatchObject({
    action: 'synchronize',
    number: 1,
    headCommit,
    changedFiles: ['one.txt', 'two.txt'],
  });
});

it('a push that brings its commits to the other branch merges it, once', async () => {
  const headCommit = await push('feature', 'one.txt');
  await github.openPullRequest(pullRequest);
  await work.run('checkout', '--quiet', '-B', 'main', 'HEAD~1');
  await push('main', 'meanwhile.txt');
  await work.run('merge', '--quiet', '--no-edit', headCommit);
  await push('main', 'after.txt');
  await push('feature', 'late.txt');
  expect(changes()).toEqual(['opened 1', 'closed 1']);
  expect(events[1]).toMatchObject({ headCommit, changedFiles: ['one.txt'] });
});

it('pushes elsewhere, and tags of its name, are nothing to it', async () => {
  await push('feature', 'one.txt');
  await github.openPullRequest(pullRequest);
  await work.run('push', '--quiet', 'origin', 'HEAD:refs/heads/other', 'HEAD:refs/tags/main');
  expect(changes()).toEqual(['opened 1']);
});

it('a branch that is deleted takes its pull request with it', async () => {
  await push('feature', 'one.txt');
  await github.openPullRequest(pullRequest);
  await work.run('push', '--quiet', 'origin', ':feature');
  await push('feature', 'again.txt');
  expect(changes()).toEqual(['opened 1']);
});

it.each([
  ['a branch that is not there', { head: 'nowhere', base: 'main' }],
  ['a branch into one that is not there', { head: 'main', base: 'nowhere' }],
  ['a branch without commits of its own', { head: 'main', base: 'main' }],
])('a pull request of %s is refused', async (_, nothing) => {
  await expect(github.openPullRequest(nothing)).rejects.toThrow('has nothing to merge');
  expect(events).toEqual([]);
});
