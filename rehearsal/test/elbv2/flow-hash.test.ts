import fc from 'fast-check';
import { targetOfFlow } from '../../src/elbv2/flow-hash';

const targets = fc
  .uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 8 })
  .map((addresses) => addresses.map((address) => ({ name: `${address}:53` })));

test('a flow goes to the same target as long as that one is there, in whatever order and company', () => {
  fc.assert(
    fc.property(fc.string(), targets, fc.nat(), (flow, all, seed) => {
      const chosen = targetOfFlow(flow, all)!;
      const some = all.filter((target, index) => target === chosen || (seed >> index) % 2 === 0);
      expect(targetOfFlow(flow, some.reverse())).toBe(chosen);
    }),
  );
  expect(targetOfFlow('flow', [])).toBeUndefined();
});

test('flows spread evenly', () => {
  const all = ['10.0.0.1:53', '10.0.0.2:53', '10.0.0.3:53', '10.0.0.4:53'].map((name) => ({
    name,
  }));
  const counts = new Map<string, number>();
  for (let port = 40_000; port < 44_000; port += 1) {
    const { name } = targetOfFlow(`udp|203.0.113.7:${port}|listener`, all)!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect(counts.size).toBe(4);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
