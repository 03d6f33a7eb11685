import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { codecommitSourceAction } from '../../src/codepipeline/actions/codecommit-source-action';
import { scratchDirectory } from '../_helpers/scratch-directory';
import { action, everythingAllowed, testPipeline } from './_helpers/test-pipeline';

const scratch = scratchDirectory();
const GIGABYTE = 1024 ** 3;

/** A file of this size that takes no room on the disk. */
function sparseFile(path: string, size: number): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  closeSync(file);
}

const release = async (size: number, format: string) => {
  const archived = { commit: 'c0ffee', message: 'Large', timestamp: '2030-01-01T00:00:00Z' };
  const run = codecommitSourceAction(
    {
      repositoryArn: (name) => `arn:aws:codecommit:eu-west-1:000000000000:${name}`,
      archive: (_, zipPath) => {
        sparseFile(zipPath, size);
        return Promise.resolve(archived);
      },
    },
    everythingAllowed,
  );
  const { execute } = testPipeline(scratch, {
    Source: [
      {
        name: 'Fetch',
        run,
        properties: { Configuration: { BranchName: 'main', OutputArtifactFormat: format } },
      },
    ],
    Build: [action('Build')],
  });
  return (await execute()).stages[0]?.actions[0];
};

test('the files of a commit may take 1 GB as an artifact, and not a byte more', async () => {
  expect((await release(GIGABYTE, 'CODE_ZIP'))?.status).toBe('Succeeded');
  expect(await release(GIGABYTE + 1, 'CODE_ZIP')).toMatchObject({
    status: 'Failed',
    summary: expect.stringContaining('take 1073741825 bytes as a zip file') as string,
  });
});

test('a clone reference is small, however large the repository is', async () => {
  expect((await release(GIGABYTE + 1, 'CODEBUILD_CLONE_REF'))?.status).toBe('Succeeded');
});
