import { RehearsalError } from '../errors';
import type { DockerSearch, UsableDocker } from './find-docker';

export type EngineChoice =
  /** `asked`: whether the person wants Docker or nothing */
  | { readonly name: 'docker'; readonly docker: UsableDocker; readonly asked: boolean }
  /** `because`: why Docker is not used; undefined when the person asked for processes */
  | { readonly name: 'process'; readonly because: string | undefined };

/**
 * Docker when it is asked for or answers, else processes.
 *
 * @throws RehearsalError `DockerUnusable` when Docker is asked for and cannot be used
 */
export function chooseEngine(
  asked: 'docker' | 'process' | undefined,
  search: DockerSearch,
): EngineChoice {
  if (asked === 'process') return { name: 'process', because: undefined };
  if (search.found) {
    return { name: 'docker', docker: search.docker, asked: asked === 'docker' };
  }
  if (asked === undefined) return { name: 'process', because: search.reason };
  throw new RehearsalError(
    'DockerUnusable',
    `--engine docker: ${search.reason}\nStart Docker, or rehearse without it: --engine process.`,
  );
}
