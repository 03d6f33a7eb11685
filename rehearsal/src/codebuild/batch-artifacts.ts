import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { filesBelow, unzip, type ZipEntry, zipFiles } from '../archive/zip';
import { isoTime } from '../clock';
import type { BatchRequest } from './batch';
import type { BatchPlan } from './batch-reading';
import type { BuildDependencies, BuildResult } from './build';

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
 * What a batch that has succeeded hands on.
 *
 * @param results of the builds that ran, by identifier
 * @returns archives, by the name of the output
 */
export async function collectArtifacts(
  { outputs, combineArtifacts, artifactDirectory }: BatchRequest,
  { builds, wanted }: BatchPlan,
  results: ReadonlyMap<string, Pick<BuildResult, 'artifacts'>>,
  { events, clock }: Pick<BuildDependencies, 'events' | 'clock'>,
): Promise<Record<string, string>> {
  const [only] = outputs;
  if (!combineArtifacts || only === undefined) {
    const archives: Record<string, string> = {};
    for (const { output, identifier, artifact } of wanted) {
      const archive = results.get(identifier)?.artifacts[artifact];
      if (archive !== undefined) archives[output] = archive;
    }
    return archives;
  }
  const archives = builds.flatMap(
    ({ identifier }) => results.get(identifier)?.artifacts['primary'] ?? [],
  );
  if (archives.length === 0) return {};
  const { archive, twice } = await combineArchives(archives, artifactDirectory);
  if (twice.length > 0) {
    const message = `${twice.join(', ')} is in the artifacts of several builds of the batch, and AWS does not document which of them the combined artifact has; here it was the last`;
    events.emit({ kind: 'unproven', time: isoTime(clock.now()), message });
  }
  return { [only]: archive };
}

/**
 * One archive with the files of all. AWS says that they come into "one single ZIP file" and no more:
 * here each keeps its path, and of a file that is in several the last is taken.
 *
 * @param archives in the order of the builds
 * @param directory for files on the way
 * @returns the archive, and the paths that are in several of them
 */
async function combineArchives(
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
