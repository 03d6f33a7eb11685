import { formatText } from '../../../src/standins/aws/text-output';

// Expected texts were printed by the real CLI's formatter for the same documents.
test.each([
  ['a text', 'abc', 'abc\n'],
  ['nothing', null, 'None\n'],
  ['a truth value', true, 'True\n'],
  ['a list of texts on one line', ['a', 'b', 3], 'a\tb\t3\n'],
  ['an empty list as nothing', [], ''],
  ['fields in the order of their keys', { b: 2, a: 1, C: 3 }, '3\t1\t2\n'],
  ['a labelled line for each item', { tags: ['x', 'y'], id: 1 }, '1\nTAGS\tx\nTAGS\ty\n'],
  [
    'rows that share their columns',
    [{ a: 1 }, { b: null, c: { d: false } }],
    '1\t\n\tNone\nC\tFalse\n',
  ],
  ['lists in lists line by line', [['a', 'b'], ['c']], 'a\tb\nc\n'],
  ['an object of objects', { list: [{ n: 1, inner: [{ m: 2 }] }] }, 'LIST\t1\nINNER\t2\n'],
])('prints %s', (_, document, text) => {
  expect(formatText(document)).toBe(text);
});
