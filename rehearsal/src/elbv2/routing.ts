import type { TargetHealth } from './target-registrar';

/** What the choice of a target depends on. */
export interface RoutableTarget {
  readonly health: TargetHealth;
  /** Requests in flight */
  readonly outstanding: number;
  /** Number of the last request that it got; 0 for none yet */
  readonly lastChosen: number;
}

/** When a group counts as healthy enough to leave unhealthy targets out. */
export interface HealthyMinimum {
  readonly minimumHealthyCount: number;
  /** Of the registered targets; 0 is off */
  readonly minimumHealthyPercentage: number;
}

/**
 * The targets that may get a request: the healthy ones, or all registered ones when too few are
 * healthy (fail open). Draining targets never. Whether AWS counts targets in `initial` among "all"
 * is not documented; "regardless of their health status" is taken by the letter.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function routableTargets<Target extends RoutableTarget>(
  targets: readonly Target[],
  minimum: HealthyMinimum,
): readonly Target[] {
  const registered = targets.filter(({ health }) =>
    ['initial', 'healthy', 'unhealthy', 'unhealthy.draining'].includes(health.state),
  );
  const healthy = registered.filter(({ health }) => health.state === 'healthy');
  const enough = Math.max(
    minimum.minimumHealthyCount,
    (registered.length * minimum.minimumHealthyPercentage) / 100,
  );
  // No AWS page says what a count above the number of targets means; failing open is its wording.
  return healthy.length >= enough ? healthy : registered;
}

/**
 * Round robin, as "who has waited longest": it stays even while targets come and go. Least
 * outstanding requests breaks its ties the same way. Weighted random gives every target the same
 * chance; only anomaly mitigation, which is not played, would change the weights.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
export function nextTarget<Target extends RoutableTarget>(
  candidates: readonly Target[],
  algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random',
  random: () => number = Math.random,
): Target | undefined {
  const [first, ...rest] = candidates;
  if (first === undefined) return undefined;
  if (algorithm === 'weighted_random') return candidates[Math.floor(random() * candidates.length)];
  const load = ({ outstanding }: Target) =>
    algorithm === 'least_outstanding_requests' ? outstanding : 0;
  return rest.reduce(
    (best, target) =>
      load(target) - load(best) < 0 ||
      (load(target) === load(best) && target.lastChosen < best.lastChosen)
        ? target
        : best,
    first,
  );
}
