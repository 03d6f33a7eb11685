import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutate } from '../../mutations/engine-copy';
import { mutations } from '../../mutations/mutations';
import { scenarios } from '../../src/scenarios';

const source = fileURLToPath(new URL('../../src', import.meta.url));

it.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
  'can still break the engine: %s',
  (_, mutation) => {
    const before = readFileSync(join(source, mutation.file), 'utf8');
    expect(mutate(before, mutation)).not.toBe(before);
  },
);

it.each(mutations.map(({ name, scenario }) => [name, scenario] as const))(
  'names a scenario that there is, to notice %s',
  (_, scenario) => {
    expect(scenarios.map(({ name }) => name)).toContain(scenario);
  },
);

it('gives every mutation a name of its own', () => {
  expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
});

it('refuses to break what has changed meanwhile', () => {
  const mutation = { name: 'x', file: 'y.ts', text: 'gone', replacement: '', scenario: 'release' };
  expect(() => mutate('other text', mutation)).toThrow("mutation 'x': its text occurs 0 times");
  expect(() => mutate('gone and gone', mutation)).toThrow('occurs 2 times');
});
