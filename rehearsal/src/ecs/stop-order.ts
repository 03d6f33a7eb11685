import type { TaskSnapshot } from './rolling-deployment';

/**
 * The order in which tasks are given up: pending ones first, then those without a verdict, then
 * healthy ones; among equals from the Availability Zone with the most tasks, the newest first.
 * Scale-in keeps the zones balanced: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
 */
export function inStopOrder(tasks: readonly TaskSnapshot[]): readonly TaskSnapshot[] {
  const left = [...tasks];
  const ordered: TaskSnapshot[] = [];
  while (left.length > 0) {
    const crowd = (zone: string) => left.filter((task) => task.availabilityZone === zone).length;
    left.sort(
      (a, b) =>
        rank(a) - rank(b) ||
        crowd(b.availabilityZone) - crowd(a.availabilityZone) ||
        b.createdAt - a.createdAt ||
        a.id.localeCompare(b.id),
    );
    ordered.push(...left.splice(0, 1));
  }
  return ordered;
}

function rank(task: TaskSnapshot): number {
  if (task.phase === 'pending') return 0;
  return { unhealthy: 1, unknown: 2, healthy: 3 }[task.health];
}
