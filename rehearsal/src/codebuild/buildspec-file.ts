import { readFile } from 'node:fs/promises';
import { RehearsalError } from '../errors';
import { isInside, localPath } from './build-paths';
import { BuildspecError } from './buildspec';
import type { BuildProject } from './project-definition';

export interface BuildspecSource {
  readonly project: Pick<BuildProject, 'name' | 'source'>;
  readonly sourceDirectory: string;
  /** A path in the source, or the text itself; wins over the project's */
  readonly buildspecOverride?: string | undefined;
}

/**
 * The text of a build's buildspec, from the template or from the source.
 *
 * @param log takes the line that CodeBuild's agent writes meanwhile
 * @throws BuildspecError when there is none; RehearsalError when it is in a bucket
 */
export async function readBuildspec(
  { project, sourceDirectory, buildspecOverride }: BuildspecSource,
  log: (line: string) => void,
): Promise<string> {
  const spec = buildspecOverride ?? project.source.buildspec ?? 'buildspec.yml';
  // Text is told from a path as CDK writes it: JSON, or YAML of several lines.
  if (spec.includes('\n') || spec.trimStart().startsWith('{')) return spec;
  if (spec.startsWith('arn:')) {
    throw new RehearsalError(
      'BuildspecNotPlayed',
      `the buildspec of project '${project.name}' is in a bucket (${spec}), which a ` +
        'rehearsal does not play; keep it in the repository or in the template',
    );
  }
  const file = localPath(spec, { source: sourceDirectory, home: '/' });
  log(`YAML location is ${file}`);
  if (!isInside(file, sourceDirectory)) {
    throw new BuildspecError('YAML file does not exist');
  }
  return readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new BuildspecError('YAML file does not exist');
  });
}
