import type { DeployedResource } from './deployed-resource';

/**
 * Dotted paths of the properties that a resource sets and the engine does not play. A played path
 * covers everything below it; list items count as their list. `Tags` never change an outcome.
 *
 * @param playedProperties e.g. `['DesiredCount', 'DeploymentConfiguration.MaximumPercent']`
 */
export function unplayedProperties(
  resource: Pick<DeployedResource, 'properties'>,
  playedProperties: readonly string[],
): string[] {
  const played = new Set(['Tags', ...playedProperties]);
  const isPlayedInPart = (path: string) =>
    playedProperties.some((other) => other.startsWith(`${path}.`));
  const unplayed = new Set<string>();
  const visit = (value: unknown, path: string): void => {
    if (played.has(path)) return;
    if (path !== '' && !isPlayedInPart(path)) {
      unplayed.add(path);
    } else if (Array.isArray(value)) {
      for (const item of value) visit(item, path);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value))
        visit(item, path === '' ? key : `${path}.${key}`);
    }
  };
  visit(resource.properties, '');
  return [...unplayed];
}
