import { parseShorthand } from '../../../src/standins/aws/shorthand';

test.each([
  ['imageTag=abc', { imageTag: 'abc' }],
  ['a=1,b=two words', { a: '1', b: 'two words' }],
  ['a=1,2,b=3', { a: ['1', '2'], b: '3' }],
  ['a=[1,2],b=3', { a: ['1', '2'], b: '3' }],
  ['a=[]', { a: [] }],
  ['a={b=1,c={d=2}},e=3', { a: { b: '1', c: { d: '2' } }, e: '3' }],
  ['a=[{b=1},{b=2}]', { a: [{ b: '1' }, { b: '2' }] }],
  ['a="x,y=z",b=\'q\'', { a: 'x,y=z', b: 'q' }],
  ['a="say \\"hi\\""', { a: 'say "hi"' }],
  ['a=x\\,y', { a: 'x,y' }],
  ['a=', { a: '' }],
  ['a=key=value', { a: 'key=value' }],
])('%s', (text, value) => {
  expect(parseShorthand(text)).toEqual(value);
});

test.each([
  ['imageTag', "Expected: '=', received: 'EOF' for input:\nimageTag\n        ^"],
  ['=a', "received: '='"],
  ['a={b=1', "Expected: '}', received: 'EOF'"],
])('%s is refused with the place', (text, problem) => {
  expect(() => parseShorthand(text)).toThrow(problem);
});
