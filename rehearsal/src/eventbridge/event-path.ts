import { RehearsalError } from '../errors';

/** A name, an index, or null for every value */
type Step = string | number | null;

/**
 * The JSON path that EventBridge supports: `$`, `$.detail.state`, `$.resources[0]`, `$.list[*].name`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 *
 * @param where it stands, for the error
 * @returns what finds the value in an event; undefined when there is none
 * @throws RehearsalError `EventPathInvalid` for other syntax
 */
export function parseEventPath(path: string, where: string): (event: unknown) => unknown {
  const [, rest] = /^\$((?:\.[\w\-/]+|\[(?:\d+|\*)\]|\.\*)*)$/.exec(path) ?? [];
  if (rest === undefined) {
    throw new RehearsalError(
      'EventPathInvalid',
      `${where}: the path '${path}' is not one that EventBridge takes. Allowed are dots, names, [0] and [*], e.g. $.detail.state.`,
    );
  }
  const steps = [...rest.matchAll(/\.([\w\-/]+|\*)|\[(\d+|\*)\]/g)].map(
    ([, name = '', index]): Step => {
      if (name === '*' || index === '*') return null;
      return index === undefined ? name : Number(index);
    },
  );
  return (event) => follow(event, steps);
}

function follow(value: unknown, steps: readonly Step[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  if (step === null) {
    const found = Object.values(value).map((item) => follow(item, rest));
    return found.filter((item) => item !== undefined);
  }
  return Object.hasOwn(value, step)
    ? follow((value as Record<string | number, unknown>)[step], rest)
    : undefined;
}
