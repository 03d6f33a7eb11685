import {
  expandWord,
  splitAssignments,
  splitWords,
} from '../../../src/containers/process/dockerfile-words';

const variables = { NAME: 'api', EMPTY: '', UNSET: undefined };

it.each([
  ['$NAME', 'api'],
  ['${NAME}-x', 'api-x'],
  ['$NAMED', ''],
  ['${UNSET:-other}', 'other'],
  ['${EMPTY:-other}', 'other'],
  ['${EMPTY-other}', ''],
  ['${NAME:+yes}', 'yes'],
  ['${UNSET:+yes}', ''],
  ['${UNSET:-${NAME}-2}', 'api-2'],
  ['\\$NAME', '$NAME'],
  ["'$NAME'", '$NAME'],
  ['"$NAME b"', 'api b'],
  ['"it\'s"', "it's"],
  ['a\\ b', 'a b'],
  ['"a\\nb"', 'a\\nb'],
  ['5$', '5$'],
])('expands %s to %p', (word, expected) => {
  expect(expandWord(word, variables)).toBe(expected);
});

it('refuses a form that it does not know', () => {
  expect(() => expandWord('${NAME#a}', variables)).toThrow('${NAME#a}');
  expect(() => expandWord('${NAME', variables)).toThrow('${NAME');
});

it('splits at blanks outside quotes', () => {
  expect(splitWords('a "b c" d\\ e \'f g\'h')).toEqual(['a', '"b c"', 'd\\ e', "'f g'h"]);
});

it('reads assignments, names without a value, and the old form of ENV', () => {
  expect(splitAssignments('A=1 B="2 3"')).toEqual([
    ['A', '1'],
    ['B', '"2 3"'],
  ]);
  expect(splitAssignments('COMMIT')).toEqual([['COMMIT', undefined]]);
  expect(splitAssignments('PATH /a b')).toEqual([['PATH', '/a b']]);
});
