import { RehearsalError } from '../../errors';
import type { BuildRequest } from '../build-arguments';
import type { Dockerfile, Stage } from './dockerfile';

/**
 * The stage that becomes the image: the one asked for, else the last.
 *
 * @throws RehearsalError `BuildTargetMissing`
 */
export function targetStage(
  dockerfile: Dockerfile,
  { target }: Pick<BuildRequest, 'target'>,
): Stage {
  const stage = target === undefined ? dockerfile.stages.at(-1) : findStage(dockerfile, target);
  if (stage !== undefined) return stage;
  const names = dockerfile.stages.flatMap(({ name }) => name ?? []).join(', ');
  throw new RehearsalError(
    'BuildTargetMissing',
    `docker build: target stage '${target ?? ''}' could not be found in ${dockerfile.path}; its stages are: ${names || '(none has a name)'}.`,
  );
}

/** By name, or by number as in `COPY --from=0` */
export function findStage(dockerfile: Dockerfile, nameOrIndex: string): Stage | undefined {
  const name = nameOrIndex.toLowerCase();
  return (
    dockerfile.stages.find((stage) => stage.name === name) ??
    (/^\d+$/.test(name) ? dockerfile.stages[Number(name)] : undefined)
  );
}

/**
 * The target and what it takes from, in the order of the file.
 *
 * @param baseOf what FROM names, variables replaced
 */
export function neededStages(
  dockerfile: Dockerfile,
  target: Stage,
  baseOf: (stage: Stage) => string,
): Stage[] {
  const needed = new Set<Stage>();
  const visit = (stage: Stage) => {
    if (needed.has(stage)) return;
    needed.add(stage);
    const names = [
      baseOf(stage),
      ...stage.instructions.flatMap(({ flags }) =>
        flags.filter(({ name }) => name === 'from').map(({ value }) => value),
      ),
    ];
    for (const name of names) {
      const source = findStage(dockerfile, name);
      if (source !== undefined && isBefore(dockerfile, source, stage)) visit(source);
    }
  };
  visit(target);
  return dockerfile.stages.filter((stage) => needed.has(stage));
}

function isBefore(dockerfile: Dockerfile, stage: Stage, other: Stage): boolean {
  return dockerfile.stages.indexOf(stage) < dockerfile.stages.indexOf(other);
}
