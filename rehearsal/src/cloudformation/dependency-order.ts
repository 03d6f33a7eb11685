import { RehearsalError } from '../errors';

/**
 * The items, each after everything that it depends on; otherwise in the order given.
 * Dependencies on ids that are not among the items are ignored.
 *
 * @throws RehearsalError `DependencyCycle` naming the way round
 */
export function orderByDependencies<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  dependenciesOf: (item: Item) => readonly string[],
): Item[] {
  const byId = new Map(items.map((item) => [idOf(item), item]));
  const ordered = new Set<Item>();
  const visit = (item: Item, trail: readonly string[]): void => {
    if (ordered.has(item)) return;
    const id = idOf(item);
    if (trail.includes(id)) {
      const circle = [...trail.slice(trail.indexOf(id)), id].join(' -> ');
      throw new RehearsalError(
        'DependencyCycle',
        `These stacks depend on each other in a circle and cannot be deployed: ${circle}. Remove one of the references.`,
      );
    }
    for (const dependency of dependenciesOf(item)) {
      const next = byId.get(dependency);
      if (next !== undefined) visit(next, [...trail, id]);
    }
    ordered.add(item);
  };
  for (const item of items) visit(item, []);
  return [...ordered];
}
