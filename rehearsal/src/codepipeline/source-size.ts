import { stat } from 'node:fs/promises';
import { RehearsalError } from '../errors';

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const MOST_BYTES = 1024 ** 3;

/**
 * The files of a commit may take 1 GB as a zip file. What CodePipeline says to more is not published.
 *
 * @throws RehearsalError `SourceUnavailable`, with which the source action fails
 */
export async function checkSourceSize(zipPath: string): Promise<void> {
  const { size } = await stat(zipPath);
  if (size <= MOST_BYTES) return;
  throw new RehearsalError(
    'SourceUnavailable',
    `The files of the commit take ${size} bytes as a zip file; a source in a Git repository may have ${MOST_BYTES}. Take out what the build does not need, or have it cloned (CODEBUILD_CLONE_REF).`,
  );
}
