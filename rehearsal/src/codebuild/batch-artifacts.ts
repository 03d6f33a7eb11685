import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow, unzip, type ZipEntry, zipFiles } from '../archive/zip';

/** An artifact of a build of the batch, and the action's output that it becomes. */
export interface WantedArtifact {
  readonly output: string;
  readonly identifier: string;
  /** `primary`, or an identifier of the buildspec's secondary artifacts */
  readonly artifact: string;
}

/**
 * Which artifact each output is: `<build>` means the primary artifact of that build,
 * `<build>_<artifact>` a secondary one. An output that no build's name begins is missing.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-pipeline-batch.html
 */
export function wantedArtifacts(
  outputs: readonly string[],
  identifiers: readonly string[],
): WantedArtifact[] {
  const longestFirst = [...identifiers].sort((a, b) => b.length - a.length);
  return outputs.flatMap((output) => {
    if (identifiers.includes(output)) return [{ output, identifier: output, artifact: 'primary' }];
    const identifier = longestFirst.find((name) => output.startsWith(`${name}_`));
    if (identifier === undefined) return [];
    return [{ output, identifier, artifact: output.slice(identifier.length + 1) }];
  });
}

/**
 * One archive with the files of all. AWS says that they come into "one single ZIP file" and no more:
 * here each keeps its path, and of a file that is in several the last is taken.
 *
 * @param archives in the order of the builds
 * @param directory for files on the way
 * @returns the archive, and the paths that are in several of them
 */
export async function combineArchives(
  archives: readonly string[],
  directory: string,
): Promise<{ readonly archive: string; readonly twice: readonly string[] }> {
  const files = new Map<string, ZipEntry>();
  const twice = new Set<string>();
  for (const archive of archives) {
    const unpacked = await mkdtemp(join(directory, 'combined-'));
    await unzip(archive, unpacked);
    for (const entry of await filesBelow(unpacked)) {
      if (files.has(entry.path)) twice.add(entry.path);
      files.set(entry.path, entry);
    }
  }
  const archive = join(directory, 'combined.zip');
  await zipFiles([...files.values()], archive);
  return { archive, twice: [...twice] };
}
