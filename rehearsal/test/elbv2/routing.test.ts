import { nextTarget, routableTargets } from '../../src/elbv2/routing';
import type { TargetHealth } from '../../src/elbv2/target-registrar';
import { WeightedRotation } from '../../src/elbv2/weighted-rotation';

const target = (state: TargetHealth['state'], outstanding = 0) => ({
  health: { state },
  outstanding,
  lastChosen: 0,
});
const minimum = { minimumHealthyCount: 1, minimumHealthyPercentage: 0 };

test('only healthy targets get requests while there is one', () => {
  const healthy = target('healthy');
  const targets = [healthy, target('unhealthy'), target('initial'), target('draining')];
  expect(routableTargets(targets, minimum)).toEqual([healthy]);
});

test('fails open to every registered target when none is healthy, never to a draining one', () => {
  const [unhealthy, initial] = [target('unhealthy'), target('initial')];
  expect(routableTargets([unhealthy, initial, target('draining')], minimum)).toEqual([
    unhealthy,
    initial,
  ]);
  expect(routableTargets([target('draining')], minimum)).toEqual([]);
});

test('fails open below the minimum that the group asks for', () => {
  const targets = [target('healthy'), target('unhealthy'), target('unhealthy')];
  const routable = (count: number, percentage: number) =>
    routableTargets(targets, {
      minimumHealthyCount: count,
      minimumHealthyPercentage: percentage,
    }).length;
  expect([routable(1, 0), routable(2, 0), routable(1, 30), routable(1, 50)]).toEqual([1, 3, 1, 3]);
});

test('round robin stays even while targets come and go', () => {
  const targets = [target('healthy'), target('healthy'), target('healthy')];
  const counts = new Map(targets.map((one) => [one, 0]));
  for (let turn = 1; turn <= 300; turn += 1) {
    const present = turn % 7 === 0 ? targets.slice(1) : targets;
    const chosen = nextTarget(present, 'round_robin')!;
    chosen.lastChosen = turn;
    counts.set(chosen, counts.get(chosen)! + 1);
  }
  for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThanOrEqual(25);
  expect([...counts.values()].reduce((a, b) => a + b)).toBe(300);
});

test('round robin gives each of three targets every third request', () => {
  const targets = ['a', 'b', 'c'].map((name) => ({ ...target('healthy'), name }));
  const order = [1, 2, 3, 4, 5, 6].map((turn) => {
    const chosen = nextTarget(targets, 'round_robin')!;
    chosen.lastChosen = turn;
    return chosen.name;
  });
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
});

test('least outstanding requests prefers the target that has least to do', () => {
  const [busy, free] = [target('healthy', 3), target('healthy', 1)];
  expect(nextTarget([busy, free], 'least_outstanding_requests')).toBe(free);
  expect(nextTarget([], 'least_outstanding_requests')).toBeUndefined();
});

test('weights spread evenly, and a weight of zero gets nothing', () => {
  const rotation = new WeightedRotation([
    { item: 'a', weight: 3 },
    { item: 'b', weight: 1 },
    { item: 'never', weight: 0 },
  ]);
  expect(Array.from({ length: 8 }, () => rotation.next()).join('')).toBe('aabaaaba');
  expect(new WeightedRotation([{ item: 'never', weight: 0 }]).next()).toBeUndefined();
});

test('weighted random gives every target the same chance, in no order', () => {
  const targets = ['a', 'b', 'c', 'd'].map((name) => ({ ...target('healthy'), name }));
  const draws = [0, 0.99, 0.5, 0.5, 0.26];
  const chosen = draws.map((draw) => nextTarget(targets, 'weighted_random', () => draw)?.name);
  expect(chosen).toEqual(['a', 'd', 'c', 'c', 'b']);
  expect(nextTarget([], 'weighted_random')).toBeUndefined();
});
