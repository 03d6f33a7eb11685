import {
  afterHealthCheck,
  healthOfAll,
  type HealthCheckResult,
  type HealthCount,
  newlyRegistered,
} from '../../src/elbv2/target-health';

const thresholds = { initialThreshold: 1, healthyThreshold: 3, unhealthyThreshold: 2 };
const ok: HealthCheckResult = { outcome: 'success' };
const code = (status: number): HealthCheckResult => ({ outcome: 'mismatch', status });
const timeout: HealthCheckResult = { outcome: 'timeout' };
const error: HealthCheckResult = { outcome: 'error' };

const after = (...results: HealthCheckResult[]): HealthCount =>
  results.reduce((count, result) => afterHealthCheck(count, result, thresholds), newlyRegistered);

test('a new target is initial, and healthy after one success', () => {
  expect(newlyRegistered.health).toMatchObject({ reason: 'Elb.RegistrationInProgress' });
  expect(after(ok).health).toEqual({ state: 'healthy' });
  expect(after(error, ok).health).toEqual({ state: 'healthy' });
});

test('a new target stays initial until the unhealthy threshold', () => {
  expect(after(error).health).toEqual({
    state: 'initial',
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  });
  expect(after(error, error).health.state).toBe('unhealthy');
});

test('a healthy target needs failures in a row to become unhealthy', () => {
  expect(after(ok, error, ok, error).health.state).toBe('healthy');
  expect(after(ok, error, error).health.state).toBe('unhealthy');
});

test('an unhealthy target needs successes in a row to come back', () => {
  const down = [error, error] as const;
  expect(after(...down, ok, ok).health.state).toBe('unhealthy');
  expect(after(...down, ok, ok, error, ok, ok).health.state).toBe('unhealthy');
  expect(after(...down, ok, ok, ok).health).toEqual({ state: 'healthy' });
});

test('says why a target is unhealthy in the words of AWS', () => {
  expect(after(code(500), code(500)).health).toEqual({
    state: 'unhealthy',
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [500]',
  });
  expect(after(code(503), code(404)).health.description).toBe(
    'Health checks failed with these codes: [503, 404]',
  );
  expect(after(timeout, timeout).health).toEqual({
    state: 'unhealthy',
    reason: 'Target.Timeout',
    description: 'Request timed out',
  });
  expect(after(error, error).health).toEqual({
    state: 'unhealthy',
    reason: 'Target.FailedHealthChecks',
    description: 'Health checks failed',
  });
});

test('a target that several nodes check is healthy when every node finds it so', () => {
  const healthy = after(ok);
  const initial = after();
  const unhealthy = after(timeout, timeout);
  expect(healthOfAll([healthy, healthy]).state).toBe('healthy');
  expect(healthOfAll([healthy, initial]).state).toBe('initial');
  expect(healthOfAll([initial, unhealthy, healthy])).toMatchObject({
    state: 'unhealthy',
    reason: 'Target.Timeout',
  });
});
