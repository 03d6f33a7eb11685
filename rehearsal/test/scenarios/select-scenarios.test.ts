import { scenarios, selectScenarios } from '../../src/scenarios';

const names = (...asked: string[]) => selectScenarios(asked).map(({ name }) => name);

it('plays the release alone when nobody asks for more, so that a first run is short', () => {
  expect(names()).toEqual(['release']);
});

it('plays everything for all', () => {
  expect(names('all')).toEqual(scenarios.map(({ name }) => name));
  expect(names('release', 'all')).toHaveLength(scenarios.length);
});

it('plays what is asked for in its own order, once', () => {
  expect(names('crash-on-start', 'release', 'release')).toEqual(['release', 'crash-on-start']);
});

it('says which scenarios there are when one is unknown', () => {
  expect(() => names('relaese')).toThrow(
    /there is no scenario 'relaese'; there are: release, .*, and 'all' for all of them\./,
  );
});
