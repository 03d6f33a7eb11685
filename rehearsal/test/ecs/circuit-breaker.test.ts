import {
  afterTaskOutcome,
  type CircuitBreakerSettings,
  failureThreshold,
  isTripped,
  type TaskOutcome,
  untouchedBreaker,
} from '../../src/ecs/circuit-breaker';

const settings: CircuitBreakerSettings = {
  enable: true,
  rollback: true,
  resetOnHealthyTask: true,
  thresholdType: 'BOUNDED_PERCENT',
  thresholdValue: 50,
};

function count(outcomes: readonly TaskOutcome[], other: Partial<CircuitBreakerSettings> = {}) {
  return outcomes.reduce(
    (state, outcome) => afterTaskOutcome(state, outcome, { ...settings, ...other }),
    untouchedBreaker,
  ).failureCount;
}

test.each([
  [1, 3],
  [2, 3],
  [6, 3],
  [7, 4],
  [25, 13],
  [400, 200],
  [800, 200],
])('a service of %i tasks is allowed fewer than %i failures by default', (desired, threshold) => {
  expect(failureThreshold(settings, desired)).toBe(threshold);
});

test.each([
  ['UNBOUNDED_PERCENT', 50, 800, 400],
  ['UNBOUNDED_PERCENT', 50, 2, 1],
  ['UNBOUNDED_PERCENT', 50, 0, 1],
  ['COUNT', 2, 800, 2],
  ['BOUNDED_PERCENT', 10, 100, 10],
] as const)('%s %i of %i tasks is %i', (thresholdType, thresholdValue, desired, threshold) => {
  expect(failureThreshold({ ...settings, thresholdType, thresholdValue }, desired)).toBe(threshold);
});

test('it trips when the count equals the threshold, and only when it is on', () => {
  const state = { failureCount: 3, reachedRunning: false };
  expect(isTripped(state, settings, 2)).toBe(true);
  expect(isTripped({ ...state, failureCount: 2 }, settings, 2)).toBe(false);
  expect(isTripped(state, { ...settings, enable: false }, 2)).toBe(false);
});

test('until a task runs, tasks that do not start count; from then on they do not', () => {
  expect(count(['failed-to-start', 'failed-to-start'])).toBe(2);
  expect(count(['failed-to-start', 'running', 'failed-to-start'])).toBe(1);
});

test('tasks replaced for their health or gone before any verdict count', () => {
  expect(count(['running', 'failed-health-checks', 'exited-before-healthy'])).toBe(2);
});

test('a healthy task sets the count back, unless failures add up', () => {
  const outcomes = ['running', 'failed-health-checks', 'healthy', 'failed-health-checks'] as const;
  expect(count(outcomes)).toBe(1);
  expect(count(outcomes, { resetOnHealthyTask: false })).toBe(2);
});
