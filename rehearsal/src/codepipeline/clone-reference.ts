import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { zipFiles } from '../archive/zip';

/** Name of the one file in an artifact of the format CODEBUILD_CLONE_REF. */
const FILE_NAME = 'codebuild-clone-ref.json';

const referenceSchema = z.object({
  /** What CodeBuild's role needs to clone it */
  permission: z.object({ action: z.string(), resource: z.string() }),
  repository: z.string(),
  commit: z.string(),
});

/**
 * What a source action hands on instead of files: where CodeBuild finds the repository, so that
 * the build has a full clone with its history. Other actions cannot use it.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeCommit.html
 */
export type CloneReference = z.output<typeof referenceSchema>;

/** @returns path of the artifact, in `directory` */
export async function writeCloneReference(
  reference: CloneReference,
  directory: string,
): Promise<string> {
  const file = join(directory, FILE_NAME);
  await writeFile(file, JSON.stringify(reference));
  const zipPath = join(directory, 'source.zip');
  await zipFiles([{ path: FILE_NAME, from: file }], zipPath);
  return zipPath;
}

/** Undefined for an artifact that holds files. */
export async function readCloneReference(directory: string): Promise<CloneReference | undefined> {
  const text = await readFile(join(directory, FILE_NAME), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : referenceSchema.parse(JSON.parse(text));
}

/** The action that lets somebody use a connection, which has had two names. */
export function useConnection(connectionArn: string): string {
  return connectionArn.includes(':codeconnections:')
    ? 'codeconnections:UseConnection'
    : 'codestar-connections:UseConnection';
}
