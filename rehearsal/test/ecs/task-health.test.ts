import { afterCheck, unknownHealth } from '../../src/ecs/container-health';
import { healthVerdict, type TaskHealthFacts, taskHealthStatus } from '../../src/ecs/task-health';

const facts: TaskHealthFacts = {
  targets: [],
  containerHealth: undefined,
  settled: false,
  inGracePeriod: false,
};
const target = (state: 'initial' | 'healthy' | 'unhealthy') => ({ state, targetGroupArn: 'tg' });
const healthy = target('healthy');

test.each<[string, Partial<TaskHealthFacts>, string]>([
  ['nothing checks it and it just started', {}, 'unknown'],
  ['nothing checks it and it runs for 40 s', { settled: true }, 'healthy'],
  ['its container is HEALTHY', { containerHealth: 'HEALTHY' }, 'healthy'],
  ['its container is UNKNOWN after 40 s', { containerHealth: 'UNKNOWN', settled: true }, 'unknown'],
  ['its target is healthy', { targets: [healthy] }, 'healthy'],
  ['its target is initial after 40 s', { targets: [target('initial')], settled: true }, 'unknown'],
  ['one of two targets is healthy', { targets: [healthy, target('initial')] }, 'unknown'],
  [
    'the target is healthy, the container UNKNOWN',
    { targets: [healthy], containerHealth: 'UNKNOWN' },
    'unknown',
  ],
  ['both are healthy', { targets: [healthy], containerHealth: 'HEALTHY' }, 'healthy'],
  ['one of two targets is unhealthy', { targets: [healthy, target('unhealthy')] }, 'unhealthy'],
  [
    'its target is in a zone that is not enabled for the load balancer',
    { targets: [{ state: 'unused', reason: 'Target.NotInUse', targetGroupArn: 'tg' }] },
    'unhealthy',
  ],
  ['the container is UNHEALTHY', { targets: [healthy], containerHealth: 'UNHEALTHY' }, 'unhealthy'],
  [
    'the target is unhealthy in the grace period',
    { targets: [target('unhealthy')], inGracePeriod: true },
    'unknown',
  ],
  [
    'the target is healthy in the grace period',
    { targets: [healthy], inGracePeriod: true },
    'healthy',
  ],
])('when %s', (_case, known, state) => {
  expect(healthVerdict({ ...facts, ...known }).state).toBe(state);
});

test('a task is as healthy as its worst checked container', () => {
  expect(taskHealthStatus([])).toBeUndefined();
  expect(taskHealthStatus(['HEALTHY', 'UNKNOWN'])).toBe('UNKNOWN');
  expect(taskHealthStatus(['UNKNOWN', 'UNHEALTHY'])).toBe('UNHEALTHY');
  expect(taskHealthStatus(['HEALTHY'])).toBe('HEALTHY');
});

describe('a container health check', () => {
  const after = (results: readonly boolean[], inStartPeriod = false) =>
    results.reduce((health, passed) => afterCheck(health, passed, 3, inStartPeriod), unknownHealth);

  test('fails after as many failures in a row as retries says', () => {
    expect(after([false, false]).status).toBe('UNKNOWN');
    expect(after([false, false, false]).status).toBe('UNHEALTHY');
    expect(after([false, false, true, false, false]).status).toBe('HEALTHY');
  });

  test('does not count failures in the start period before the first success', () => {
    expect(after([false, false, false, false], true).status).toBe('UNKNOWN');
    expect(after([true, false, false, false], true).status).toBe('UNHEALTHY');
  });

  test('recovers with one success', () => {
    expect(after([false, false, false, true]).status).toBe('HEALTHY');
  });
});
