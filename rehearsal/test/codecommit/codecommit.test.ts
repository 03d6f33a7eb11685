import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodeCommit } from '../../src/codecommit/codecommit';
import type { AwsEvent } from '../../src/events';
import { COMMITTER_ENVIRONMENT, Git } from '../../src/github/git';
import { HostedRepository } from '../../src/github/hosted-repository';
import { childEnvironment } from '../../src/process/child-environment';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { scratchDirectory } from '../_helpers/scratch-directory';

const scratch = scratchDirectory();
const gitEnvironment = childEnvironment(process.env, scratch, COMMITTER_ENVIRONMENT);
const { stream, events } = recordingEvents();
let hosted: HostedRepository;
let codecommit: CodeCommit;
let work: Git;
beforeAll(async () => {
  hosted = await HostedRepository.start({ home: join(scratch, 'orders.git'), gitEnvironment });
  codecommit = new CodeCommit(hosted, {
    repository: 'orders',
    account: '000000000000',
    region: 'eu-west-1',
    clock: new ManualClock(),
    events: stream,
  });
  work = new Git(join(scratch, 'work'), gitEnvironment);
  mkdirSync(work.directory);
  await work.run('init', '--quiet', '--initial-branch=main');
  await work.run('remote', 'add', 'origin', hosted.remote);
});
afterAll(() => hosted.close());

const commit = async (text: string) => {
  writeFileSync(join(work.directory, 'file.txt'), text);
  await work.run('add', '.');
  await work.run('commit', '--quiet', '-m', text);
  return work.run('rev-parse', 'HEAD');
};
const told = () =>
  events.filter((event): event is AwsEvent => event.kind === 'aws').map(({ detail }) => detail);

test('a push puts on the event bus what happened to each branch and tag', async () => {
  const first = await commit('one');
  await work.run('push', '--quiet', 'origin', 'HEAD:main');
  const second = await commit('two');
  await work.run('push', '--quiet', 'origin', 'HEAD:main', 'HEAD:refs/tags/v2');
  await work.run('push', '--quiet', 'origin', ':refs/tags/v2');

  const repositoryId: unknown = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  const main = {
    repositoryName: 'orders',
    repositoryId,
    referenceType: 'branch',
    referenceName: 'main',
    referenceFullName: 'refs/heads/main',
  };
  const tag = {
    repositoryName: 'orders',
    repositoryId,
    referenceType: 'tag',
    referenceName: 'v2',
    referenceFullName: 'refs/tags/v2',
  };
  expect(told()).toEqual([
    { event: 'referenceCreated', ...main, commitId: first },
    { event: 'referenceUpdated', ...main, commitId: second, oldCommitId: first },
    { event: 'referenceCreated', ...tag, commitId: second },
    { event: 'referenceDeleted', ...tag, oldCommitId: second },
  ]);
  expect(events[0]).toMatchObject({
    source: 'aws.codecommit',
    'detail-type': 'CodeCommit Repository State Change',
    resources: ['arn:aws:codecommit:eu-west-1:000000000000:orders'],
  });
});

test('a repository or a branch that is not there is named', async () => {
  const zip = join(scratch, 'none.zip');
  await expect(codecommit.archive({ repository: 'web', revision: 'main' }, zip)).rejects.toThrow(
    "'web' does not exist",
  );
  await expect(codecommit.archive({ repository: 'orders', revision: 'no' }, zip)).rejects.toThrow(
    "The branch 'no' does not exist in the CodeCommit repository 'orders'",
  );
  expect(await codecommit.newestCommit('web', 'main')).toBeUndefined();
});
