import { scenarios, selectScenarios } from '../../src/scenarios';

const names = (...asked: string[]) => selectScenarios(asked).map(({ name }) => name);

it('plays a good release and three bad ones when nobody asks for more', () => {
  expect(names()).toEqual(['release', 'failing-tests', 'crash-on-start', 'failing-health-check']);
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
    /there is no scenario 'relaese'; there are: .*release, .*, and 'all' for all of them\./,
  );
});
