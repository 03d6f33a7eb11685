import { jest } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CredentialedRepository } from '../../src/codebuild/git-credentials';
import { COMMITTER_ENVIRONMENT, Git } from '../../src/github/git';
import { childEnvironment } from '../../src/process/child-environment';
import { BuildFixture } from '../_helpers/build-fixture';
import { policyAuthorizer } from '../_helpers/policy-authorizer';

// Real shells and git, on a machine that may be busy.
jest.setTimeout(60_000);

const URL = 'https://git-codecommit.ap-northeast-2.amazonaws.com/v1/repos/shared';
const ARN = 'arn:aws:codecommit:ap-northeast-2:000000000000:shared';
const SPEC = (helper: string) => `
version: 0.2
env: { git-credential-helper: ${helper} }
phases: { build: { commands: ['git clone --quiet ${URL} shared && git -C shared log --format=%s'] } }
`;

let fixture: BuildFixture;
let repository: CredentialedRepository;
beforeEach(async () => {
  fixture = await BuildFixture.create();
  const path = join(fixture.scratch, 'shared');
  mkdirSync(path);
  const environment = childEnvironment(process.env, fixture.scratch, COMMITTER_ENVIRONMENT);
  const git = new Git(path, environment);
  await git.run('init', '--quiet');
  await git.run('commit', '--quiet', '--allow-empty', '-m', 'Shared by all');
  repository = { arn: ARN, urls: [URL], path };
});
afterEach(() => fixture.remove());

const build = (helper: string, denied: readonly string[] = []) =>
  fixture.build(SPEC(helper), {}, { authorizer: policyAuthorizer(denied), repository });

describe('the git-credential-helper', () => {
  test('lets the git of a build read CodeCommit as its role', async () => {
    expect((await build('yes')).status).toBe('SUCCEEDED');
    expect(fixture.log).toContain('Shared by all');
  });

  test('gives nothing to a role that may not pull, and says so', async () => {
    expect((await build('yes', ['codecommit:GitPull'])).status).toBe('FAILED');
    expect(fixture.unproven().join('\n')).toContain(
      `the build's git had no access: User: arn:aws:sts::000000000000:assumed-role/build/one is not authorized to perform: codecommit:GitPull on resource: ${ARN}`,
    );
  });

  test('is named where the source is in another place than CodeCommit', async () => {
    await fixture.build('version: 0.2\nenv: {git-credential-helper: yes}\nphases: {}\n');
    expect(fixture.unproven().join('\n')).toContain('only those of CodeCommit are played');
  });
});
