import fc from 'fast-check';
import { LatencyHistogram } from '../../src/traffic/latency-histogram';

test('has no percentile before the first request', () => {
  const latency = new LatencyHistogram();
  expect([latency.percentile(50), latency.percentile(99), latency.max]).toEqual([null, null, null]);
});

test('percentiles are those of the sorted list, by nearest rank', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 59_999 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1, max: 100 }),
      (values, percent) => {
        const latency = new LatencyHistogram();
        values.forEach((value) => latency.record(value));
        const sorted = [...values].sort((a, b) => a - b);
        expect(latency.percentile(percent)).toBe(
          sorted[Math.ceil((sorted.length * percent) / 100) - 1],
        );
        expect(latency.max).toBe(sorted.at(-1));
      },
    ),
    { numRuns: 50 },
  );
});

test('keeps the true maximum of a latency above a minute', () => {
  const latency = new LatencyHistogram();
  latency.record(75_500);
  expect([latency.percentile(50), latency.max]).toEqual([75_500, 75_500]);
});
