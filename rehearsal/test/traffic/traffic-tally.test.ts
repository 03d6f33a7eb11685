import { MAX_FAILURES_KEPT, TrafficTally } from '../../src/traffic/traffic-tally';

const sent = (traceRoot: string, kind: 'keep-alive' | 'slow' = 'keep-alive') => ({
  kind,
  path: '/',
  dueAt: Date.UTC(2026, 0, 1),
  traceRoot,
});

test('slow requests count, but not for the latency', () => {
  const tally = new TrafficTally();
  for (const [root, kind, took] of [
    ['a', 'keep-alive', 12],
    ['b', 'slow', 3000],
  ] as const) {
    const request = sent(root, kind);
    tally.begin(request);
    tally.end(request, { status: 200 }, true, request.dueAt + took);
  }
  expect(tally.summary()).toMatchObject({
    sent: 2,
    succeeded: 2,
    byStatus: { 200: 2 },
    latencyMs: { p50: 12, p99: 12, max: 12 },
  });
});

test('a failed request names its target, whichever side tells of it first', () => {
  const tally = new TrafficTally();
  const [before, after, never] = [sent('before'), sent('after'), sent('never')];
  for (const request of [before, after, never]) tally.begin(request);
  tally.routed('before', '10.0.0.1:3000');
  for (const request of [before, after, never]) {
    tally.end(request, { status: 502 }, false, request.dueAt);
  }
  tally.routed('after', '10.0.0.2:3000');
  expect(tally.failures().map(({ traceRoot, target }) => [traceRoot, target])).toEqual([
    ['before', '10.0.0.1:3000'],
    ['after', '10.0.0.2:3000'],
    ['never', undefined],
  ]);
  expect(tally.failures()[0]).toMatchObject({ time: '2026-01-01T00:00:00.000Z', result: '502' });
});

test('counts every failure and keeps a bounded number of them', () => {
  const tally = new TrafficTally();
  for (let number = 0; number < MAX_FAILURES_KEPT + 5; number += 1) {
    const request = sent(String(number));
    tally.begin(request);
    tally.end(request, { error: 'ECONNRESET' }, false, request.dueAt);
  }
  expect(tally.failures()).toHaveLength(MAX_FAILURES_KEPT);
  expect(tally.summary()).toMatchObject({
    failed: MAX_FAILURES_KEPT + 5,
    byStatus: { ECONNRESET: MAX_FAILURES_KEPT + 5 },
  });
});

test('tells which task definition answered with errors of the server', () => {
  const tally = new TrafficTally();
  for (const status of [200, 404, 500, 503]) tally.answeredBy('api:2', status);
  tally.answeredBy('api:1', 200);
  expect(tally.summary()).toMatchObject({
    byTaskDefinition: { 'api:1': 1, 'api:2': 4 },
    errorsByTaskDefinition: { 'api:2': 2 },
  });
});
