import { matchesPattern } from '../../src/untrusted-pattern';
import { readTemplate } from '../../src/cloudformation/template';
import { deployTemplate } from './deploy-template';

/** Deploys a template with one topic. */
const topic = (DisplayName: unknown, rest: object = {}) =>
  deployTemplate({
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName } } },
    ...rest,
  });
function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

test.each([
  ['itself', { A: 'A' }],
  ['another that refers back', { A: 'B', B: 'A' }],
  ['the end of a long chain that comes back', { A: 'B', B: 'C', C: 'D', D: 'A' }],
])('a resource that refers to %s is refused', (_, references: Record<string, string>) => {
  const Resources = Object.fromEntries(
    Object.entries(references).map(([id, other]) => [
      id,
      { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: other } } },
    ]),
  );

  expect(() => deployTemplate({ Resources })).toThrow('Circular dependency between resources: [A');
});

test('conditions that ask for each other are refused', () => {
  const Conditions = {
    A: { 'Fn::Not': [{ Condition: 'B' }] },
    B: { 'Fn::Not': [{ Condition: 'A' }] },
  };

  expect(() => topic({ 'Fn::If': ['A', 'x', 'y'] }, { Conditions })).toThrow(
    "Circular dependency in condition 'A'",
  );
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'a reference to %s finds no resource, as nothing is what every object inherits',
  (name) => {
    expect(() => topic({ Ref: name })).toThrow(`there is no resource or parameter named '${name}'`);
    expect(() => topic({ 'Fn::GetAtt': [name, 'Arn'] })).toThrow(name);
    expect(() => topic({ 'Fn::If': [name, 'x', 'y'] })).toThrow(
      `there is no condition named '${name}'`,
    );
    expect(() =>
      topic({ 'Fn::FindInMap': [name, name, name] }, { Mappings: { Real: { a: { b: 'c' } } } }),
    ).toThrow(`Mappings has nothing at ${name} / ${name} / ${name}`);
  },
);

test('members called __proto__ change no object of the engine', () => {
  const json = JSON.parse(
    `{"Resources": {"__proto__": {"polluted": "Resources"}, "Topic": {"Type": "AWS::SNS::Topic",
      "Properties": {"__proto__": {"polluted": "Properties"}, "DisplayName": "x"}}},
      "Mappings": {"__proto__": {"polluted": {"a": "b"}}}}`,
  ) as object;
  try {
    deployTemplate(json);
  } catch {
    // Refused is as good.
  }

  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('values in more levels than any template has are refused, not followed to the end of the stack', () => {
  const list = nested(50_000, (inner) => [inner]);
  const functions = nested(5_000, (inner) => ({ 'Fn::Join': ['', [inner]] }));

  expect(() => topic(list)).toThrow('nested in more than 200 levels');
  expect(() => topic(functions)).toThrow('nested in more than 200 levels');
  expect(topic(nested(50, (inner) => [inner])).resources).toHaveLength(1);
});

test('texts that multiply are refused before they fill the memory', () => {
  const ten = '${x}'.repeat(10);
  const laughs = nested(20, (inner) => ({ 'Fn::Sub': [ten, { x: inner }] }));
  const joined = nested(10, (inner) => ({
    'Fn::Join': [inner, Array.from({ length: 100 }, () => 'ha')],
  }));

  expect(() => topic(laughs)).toThrow('the text has more than 1048576 characters');
  expect(() => topic(joined)).toThrow('the text has more than 1048576 characters');
});

test('work that multiplies is done once', () => {
  const empty = nested(60, (inner) => ({ 'Fn::Sub': ['${x}${x}${x}', { x: inner }] }));
  const names = Array.from({ length: 60 }, (_, index) => `C${index}`);
  const Conditions = Object.fromEntries(
    names.map((name, index) => {
      const next = { Condition: names[index + 1] };
      const last = { 'Fn::Equals': ['a', 'b'] };
      return [name, index === 59 ? last : { 'Fn::Or': [next, next] }];
    }),
  );

  expect(() => topic(empty)).toThrow('the text has more than');
  expect(topic({ 'Fn::If': ['C0', 'x', 'y'] }, { Conditions }).resources).toHaveLength(1);
});

test('more address blocks than fit are refused', () => {
  expect(() => topic({ 'Fn::Cidr': ['10.0.0.0/8', 4_000_000_000, 8] })).toThrow('cannot cut');
});

test('a pattern that would take forever is given up', () => {
  const Parameters = {
    Stage: { Type: 'String', Default: `${'a'.repeat(40)}!`, AllowedPattern: '(a+)+' },
  };

  expect(() => deployTemplate({ Parameters })).toThrow(
    "the AllowedPattern of parameter 'Stage' of stack 'Stack', '^(?:(a+)+)$', takes longer than 1000 ms",
  );
  expect(matchesPattern('^(?:[a-z]+)$', 'prod', 'x')).toBe(true);
  expect(() => matchesPattern('(', 'prod', 'x')).toThrow('is no regular expression');
});

test('what is no template at all is refused by name', () => {
  for (const json of [null, [], 'text', 7, { Resources: [] }, { Resources: { A: null } }]) {
    expect(() => readTemplate(json, 'x.template.json')).toThrow(
      'x.template.json is not a CloudFormation template',
    );
  }
});
