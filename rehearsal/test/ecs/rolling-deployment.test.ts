import fc from 'fast-check';
import { deploymentBounds } from '../../src/ecs/deployment-bounds';
import { breakerOff, deployment, SimulatedService } from './_helpers/simulated-service';

/** Starts and stops until the deployment is completed, where every task does well. */
function rollOut(service: SimulatedService): string[] {
  for (let turns = 0; service.primary.rolloutState === 'IN_PROGRESS'; turns += 1) {
    service.settle();
    service.allGoesWell();
    if (turns > 100) throw new Error('the deployment never completes');
  }
  return service.moves;
}

describe('the bounds', () => {
  test.each([
    // desired, minimum, maximum, lower, upper: AWS's own examples and the corner cases
    [4, 50, 200, 2, 8],
    [2, 75, 200, 2, 4],
    [4, 100, 200, 4, 8],
    [3, 100, 125, 3, 3],
    [1, 50, 200, 1, 2],
    [3, 50, 100, 2, 3],
    [4, 75, 125, 3, 5],
    [2, 0, 100, 0, 2],
  ])('%i tasks at %i/%i %% keep %i and may have %i', (desired, minimum, maximum, lower, upper) => {
    expect(
      deploymentBounds({
        desiredCount: desired,
        minimumHealthyPercent: minimum,
        maximumPercent: maximum,
      }),
    ).toEqual({ lower, upper });
  });
});

describe('the order of starts and stops', () => {
  test('6 tasks with room for 8 and a minimum of 100 % go two by two', () => {
    const moves = rollOut(new SimulatedService(6, 100, 134));
    expect(moves).toEqual(['+2', '-2', '+2', '-2', '+2', '-2']);
  });

  test('6 tasks with room for 8 and a minimum of 50 % lose three first', () => {
    expect(rollOut(new SimulatedService(6, 50, 134))).toEqual(['-3', '+5', '-3', '+1']);
  });

  test('with 100/200 all new tasks start before any old one stops', () => {
    expect(rollOut(new SimulatedService(2, 100, 200))).toEqual(['+2', '-2']);
  });

  test('with 0/100 the old tasks stop first', () => {
    expect(rollOut(new SimulatedService(2, 0, 100))).toEqual(['-2', '+2']);
  });

  test('a first deployment only starts', () => {
    const service = new SimulatedService(2, 100, 200, 0);
    service.deployments = [deployment('new')];
    expect(rollOut(service)).toEqual(['+2']);
  });

  test('a service that wants no tasks completes without any', () => {
    const service = new SimulatedService(0, 100, 200, 2);
    rollOut(service);
    expect(service.live).toEqual([]);
  });

  test('pending tasks of an overtaken deployment stop at once', () => {
    const service = new SimulatedService(2, 100, 200);
    service.settle();
    service.deployments.unshift(deployment('newer'));
    service.deployments[1]!.status = 'ACTIVE';
    service.settle();
    expect(service.count('new')).toBe(0);
    expect([service.count('old'), service.count('newer')]).toEqual([2, 2]);
  });
});

describe('a deployment', () => {
  test('is not completed while an old task is still stopping', () => {
    const service = new SimulatedService(1, 100, 200);
    service.settle();
    for (const task of service.live) Object.assign(task, { phase: 'running', health: 'healthy' });
    service.settle();
    expect(service.tasks.map(({ phase }) => phase).sort()).toEqual(['running', 'stopping']);
    expect(service.primary.rolloutState).toBe('IN_PROGRESS');
    service.removeStopping();
    service.settle();
    expect(service.primary.rolloutState).toBe('COMPLETED');
    expect(service.reported).toBe('steady');
  });

  test('that can neither start nor stop says so once', () => {
    const service = new SimulatedService(3, 100, 125);
    expect(service.step()).toEqual([{ type: 'report-stuck' }]);
    expect(service.step()).toEqual([]);
  });

  test('that is FAILED starts and stops nothing', () => {
    const service = new SimulatedService(2, 100, 200);
    service.primary.rolloutState = 'FAILED';
    expect(service.step()).toEqual([]);
  });

  test('starts nothing while starts are held back, and still stops', () => {
    const service = new SimulatedService(2, 50, 200);
    service.startsHeldBack = true;
    service.settle();
    expect(service.moves).toEqual(['-1']);
  });
});

describe('an unhealthy task', () => {
  test('gets its replacement first where there is room', () => {
    const service = new SimulatedService(2, 100, 200, 0);
    rollOut(service);
    service.live[0]!.health = 'unhealthy';
    service.settle();
    expect(service.moves).toEqual(['+2', '+1']);
    service.allGoesWellExceptUnhealthy();
    service.settle();
    expect(service.moves).toEqual(['+2', '+1', '-1']);
    expect(service.live.every(({ health }) => health === 'healthy')).toBe(true);
  });

  test('makes room for its replacement where there is none, one at a time', () => {
    const service = new SimulatedService(2, 100, 200);
    service.settle();
    for (const task of service.live)
      if (task.deploymentId === 'new')
        Object.assign(task, { phase: 'running', health: 'unhealthy' });
    service.settle();
    expect(service.moves).toEqual(['+2', '-1', '+1']);
    expect(service.count('old')).toBe(2);
  });

  test('of the old revision does not stop before as many tasks run as must', () => {
    const service = new SimulatedService(2, 100, 200);
    for (const task of service.tasks) task.health = 'unhealthy';
    service.settle();
    expect(service.moves).toEqual(['+2']);
  });
});

describe('the circuit breaker', () => {
  const breaker = { ...breakerOff, enable: true, rollback: true };

  test('fails the deployment at its threshold and returns to the last COMPLETED one', () => {
    const service = new SimulatedService(2, 100, 200, 2, breaker);
    service.settle();
    service.primary.breaker = { failureCount: 3, reachedRunning: false };
    expect(service.step()).toEqual([
      {
        type: 'fail-deployment',
        deploymentId: 'new',
        because: 'circuit-breaker',
        rollBackTo: 'old',
      },
    ]);
    service.settle();
    expect([service.count('new'), service.count('old')]).toEqual([0, 2]);
  });

  test('leaves a deployment alone below its threshold or when it is off', () => {
    for (const [settings, failureCount] of [
      [breaker, 2],
      [breakerOff, 99],
    ] as const) {
      const service = new SimulatedService(2, 100, 200, 2, settings);
      service.primary.breaker = { failureCount, reachedRunning: false };
      expect(service.step()).toEqual([{ type: 'start-tasks', deploymentId: 'new', count: 2 }]);
    }
  });

  test('does not roll a rollback back, even where an older deployment was COMPLETED', () => {
    const service = new SimulatedService(2, 100, 200, 2, breaker);
    service.primary.rollingBack = true;
    service.primary.breaker = { failureCount: 3, reachedRunning: false };
    expect(service.step()).toEqual([
      {
        type: 'fail-deployment',
        deploymentId: 'new',
        because: 'circuit-breaker',
        rollBackTo: undefined,
      },
    ]);
  });

  test.each([
    ['rollback is off', { ...breaker, rollback: false }, {}],
    ['no deployment was ever COMPLETED', breaker, { rolloutState: 'FAILED' as const }],
  ])('has nowhere to return to when %s', (_why, settings, old) => {
    const service = new SimulatedService(2, 100, 200, 2, settings);
    Object.assign(service.deployments[1]!, old);
    service.primary.breaker = { failureCount: 3, reachedRunning: false };
    expect(service.step()).toEqual([
      {
        type: 'fail-deployment',
        deploymentId: 'new',
        because: 'circuit-breaker',
        rollBackTo: undefined,
      },
    ]);
  });
});

describe('deployment alarms', () => {
  const alarmed = (rollback: boolean) => {
    const service = new SimulatedService(2, 100, 200);
    service.alarms = { rollback };
    service.settle();
    return service;
  };

  test.each([
    [true, 'old'],
    [false, undefined],
  ])('fail the deployment; with rollback %s it returns to %s', (rollback, rollBackTo) => {
    const service = alarmed(rollback);
    service.primary.alarmDetected = true;
    expect(service.step()).toEqual([
      { type: 'fail-deployment', deploymentId: 'new', because: 'alarm', rollBackTo },
    ]);
  });

  test('do not fail the rollback that they asked for', () => {
    const service = alarmed(true);
    Object.assign(service.primary, { alarmDetected: true, rollingBack: true });
    expect(service.step()).toEqual([]);
  });

  test('hold the deployment open for the bake time after the old tasks are gone', () => {
    const service = alarmed(true);
    service.allGoesWell();
    service.settle();
    expect(service.primary).toMatchObject({ rolloutState: 'IN_PROGRESS', bakeTime: undefined });
    service.allGoesWell();
    service.settle();
    expect(service.primary).toMatchObject({ rolloutState: 'IN_PROGRESS', bakeTime: 'running' });
    service.primary.bakeTime = 'over';
    service.settle();
    expect(service.primary.rolloutState).toBe('COMPLETED');
  });
});

describe('early success criteria', () => {
  const halfHealthy = (cleanup: 'BLOCKING' | 'DEFERRED') => {
    const service = new SimulatedService(3, 50, 200);
    service.earlySuccess = { healthyPercent: 50, sourceServiceRevisionCleanup: cleanup };
    service.settle();
    const fresh = service.live.filter(({ deploymentId }) => deploymentId === 'new');
    for (const task of fresh.slice(0, 2))
      Object.assign(task, { phase: 'running', health: 'healthy' });
    return service;
  };

  test('complete a deployment at the healthy percent, rounded up, and start the rest afterwards', () => {
    const service = halfHealthy('DEFERRED');
    service.live.find(({ deploymentId }) => deploymentId === 'new')!.health = 'unknown';
    service.settle();
    expect(service.primary.rolloutState).toBe('IN_PROGRESS');
    service.live.find(({ deploymentId }) => deploymentId === 'new')!.health = 'healthy';
    expect(service.step()).toEqual([{ type: 'complete-deployment', deploymentId: 'new' }]);
    service.settle();
    expect(service.count('new')).toBe(3);
    expect(service.count('old')).toBe(0);
  });

  test('wait for the old tasks to be gone when their cleanup is BLOCKING', () => {
    const service = halfHealthy('BLOCKING');
    service.settle();
    expect(service.primary.rolloutState).toBe('IN_PROGRESS');
    service.removeStopping();
    service.settle();
    expect(service.primary.rolloutState).toBe('COMPLETED');
  });
});

describe('whatever happens to the tasks', () => {
  const events = fc.array(
    fc.record({
      kind: fc.constantFrom('run', 'heal', 'sicken', 'die', 'gone', 'deploy', 'scale'),
      which: fc.nat(50),
    }),
    { maxLength: 60 },
  );
  const settings = fc.record({
    desired: fc.integer({ min: 0, max: 8 }),
    minimum: fc.integer({ min: 0, max: 100 }),
    maximum: fc.integer({ min: 100, max: 300 }),
  });

  test('the scheduler keeps both bounds by its own doing, rests, and can always finish or say why', () => {
    fc.assert(
      fc.property(settings, events, ({ desired, minimum, maximum }, happenings) => {
        const service = new SimulatedService(desired, minimum, maximum);
        for (const happening of happenings) {
          happen(service, happening);
          stepWithinBounds(service);
        }
        for (let turns = 0; turns < 60 && service.reported === undefined; turns += 1) {
          service.allGoesWell();
          stepWithinBounds(service);
        }
        expect(['steady', 'stuck']).toContain(service.reported);
        if (service.reported === 'steady') {
          expect(service.live).toHaveLength(service.desiredCount);
          expect(service.count(service.primary.id)).toBe(service.desiredCount);
        } else {
          const { lower, upper } = deploymentBounds(service);
          expect(lower).toBe(upper);
        }
      }),
      { numRuns: 500 },
    );
  });

  function stepWithinBounds(service: SimulatedService): void {
    const { lower, upper } = deploymentBounds(service);
    for (let rounds = 0; ; rounds += 1) {
      const healthyBefore = service.healthy;
      const liveBefore = service.live.length;
      if (service.step().length === 0) return;
      expect(service.healthy).toBeGreaterThanOrEqual(Math.min(healthyBefore, lower));
      expect(service.live.length).toBeLessThanOrEqual(Math.max(liveBefore, upper));
      expect(rounds).toBeLessThan(100);
    }
  }

  let deployments = 0;
  function happen(
    service: SimulatedService,
    { kind, which }: { kind: string; which: number },
  ): void {
    if (kind === 'deploy') {
      service.primary.status = 'ACTIVE';
      service.deployments.unshift(deployment(`d${(deployments += 1)}`));
      service.reported = undefined;
      return;
    }
    if (kind === 'scale') {
      service.desiredCount = which % 9;
      service.reported = undefined;
      return;
    }
    const task = service.tasks[which % Math.max(service.tasks.length, 1)];
    if (task === undefined) return;
    service.reported = undefined;
    if (kind === 'die' || (kind === 'gone' && task.phase === 'stopping'))
      service.tasks.splice(service.tasks.indexOf(task), 1);
    else if (task.phase === 'stopping') return;
    else if (kind === 'run') task.phase = 'running';
    else if (kind === 'heal') Object.assign(task, { phase: 'running', health: 'healthy' });
    else if (kind === 'sicken') Object.assign(task, { phase: 'running', health: 'unhealthy' });
  }
});
