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

it('follows members in brackets and indexes', () => {
  const payload = { commits: [{ id: 'x', 'added-by': 'me' }] };
  const filters = [
    { jsonPath: '$.commits[0].id', matchEquals: 'x' },
    { jsonPath: "$['commits'][0]['added-by']", matchEquals: 'me' },
  ];
  expect(matchesFilters({ filters }, payload, {})).toBe(true);
  expect(matchesFilters({ filters }, { commits: [] }, {})).toBe(false);
});

it('compares numbers and booleans as text, and nothing else', () => {
  const filter = (jsonPath: string, matchEquals: string) => ({
    filters: [{ jsonPath, matchEquals }],
  });
  expect(matchesFilters(filter('$.created', 'true'), { created: true }, {})).toBe(true);
  expect(matchesFilters(filter('$.list', 'a'), { list: ['a'] }, {})).toBe(false);
});

it('asks only that the path leads somewhere when there is nothing to match', () => {
  const there = { filters: [{ jsonPath: '$.ref', matchEquals: undefined }] };
  expect(matchesFilters(there, { ref: 'any' }, {})).toBe(true);
  expect(matchesFilters(there, {}, {})).toBe(false);
});

it.each(['$..ref', '$.commits[*].id', 'ref', '$', '$.', '$.a[?(@.b)]', '$.a b'])(
  'refuses the path %s, by name',
  (jsonPath) => {
    const webhook = { filters: [{ jsonPath, matchEquals: 'x' }] };
    expect(() => matchesFilters(webhook, {}, {})).toThrow(`'${jsonPath}' is not played`);
  },
);
