import { matchesFilters } from '../../src/codepipeline/webhook-filter';

const webhook = { filters: [{ jsonPath: '$.ref', matchEquals: 'refs/heads/{Branch}' }] };

it('starts for a push to the branch of the source action', () => {
  expect(matchesFilters(webhook, { ref: 'refs/heads/main' }, { Branch: 'main' })).toBe(true);
});

it('ignores a push to another branch, and a payload without a ref', () => {
  expect(matchesFilters(webhook, { ref: 'refs/heads/next' }, { Branch: 'main' })).toBe(false);
  expect(matchesFilters(webhook, {}, { Branch: 'main' })).toBe(false);
});

it('needs every filter to match', () => {
  const both = {
    filters: [...webhook.filters, { jsonPath: '$.repository.name', matchEquals: 'api' }],
  };
  const payload = { ref: 'refs/heads/main', repository: { name: 'web' } };
  expect(matchesFilters(both, payload, { Branch: 'main' })).toBe(false);
  expect(
    matchesFilters(both, { ...payload, repository: { name: 'api' } }, { Branch: 'main' }),
  ).toBe(true);
});

it('reads members of the payload only, not what every object inherits', () => {
  const inherited = { filters: [{ jsonPath: '$.constructor.name', matchEquals: 'Object' }] };
  expect(matchesFilters(inherited, {}, {})).toBe(false);
});

it('refuses a path that it does not play, by name', () => {
  const indexed = { filters: [{ jsonPath: '$.commits[0].id', matchEquals: 'x' }] };
  expect(() => matchesFilters(indexed, {}, {})).toThrow("'$.commits[0].id' is not played");
});
