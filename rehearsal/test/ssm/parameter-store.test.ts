import { readParameterDefinition } from '../../src/ssm/parameter-definition';
import { ParameterStore } from '../../src/ssm/parameter-store';
import { ManualClock } from '../_helpers/manual-clock';
import { recordingEvents } from '../_helpers/recording-events';
import { serviceException } from '../_helpers/service-exception';

function createStore() {
  const { stream, events } = recordingEvents();
  return {
    store: new ParameterStore('000000000000', 'ap-northeast-2', new ManualClock(), stream),
    events,
  };
}

test('a parameter is found by name, ARN and name with version', () => {
  const { store } = createStore();
  store.put({ name: '/team/tag', value: 'one', type: 'String' });
  const second = store.put({ name: '/team/tag', value: 'two', overwrite: true });
  expect(second).toMatchObject({ version: 2, type: 'String' });
  expect(store.find('/team/tag')).toBe(second);
  expect(store.find('arn:aws:ssm:ap-northeast-2:000000000000:parameter/team/tag')).toBe(second);
  expect(store.find('/team/tag:1')?.value).toBe('one');
  expect(store.find('/team/tag:3')).toBeUndefined();
  expect(store.find('/team')).toBeUndefined();
});

test('each change is an event with the names of AWS', () => {
  const { store, events } = createStore();
  store.put({ name: '/team/tag', value: 'one', type: 'String', description: 'the tag' });
  store.put({ name: '/team/tag', value: 'two', overwrite: true });
  expect(events).toMatchObject([
    {
      source: 'aws.ssm',
      'detail-type': 'Parameter Store Change',
      resources: ['arn:aws:ssm:ap-northeast-2:000000000000:parameter/team/tag'],
      detail: { operation: 'Create', name: '/team/tag', type: 'String', description: 'the tag' },
    },
    { detail: { operation: 'Update', name: '/team/tag' } },
  ]);
});

test.each([
  [{ name: '/team/tag', value: 'a' }, 'ValidationException', 'type is required'],
  [{ name: 'team/tag', value: 'a', type: 'String' }, 'ValidationException', 'fully qualified'],
  [{ name: '/aws/tag', value: 'a', type: 'String' }, 'ValidationException', 'prefixed'],
  [{ name: '/team tag', value: 'a', type: 'String' }, 'ValidationException', 'Parameter name'],
  [{ name: '/team/tag', value: '', type: 'String' }, 'ValidationException', 'length'],
  [{ name: '/team/tag', value: 'a'.repeat(4097), type: 'String' }, 'ValidationException', '4096'],
  [{ name: '/team/tag', value: 'a', type: 'Text' }, 'ValidationException', 'enum value set'],
  [
    { name: '/team/tag', value: 'a', type: 'String', allowedPattern: '^\\d+$' },
    'ParameterPatternMismatchException',
    'allowedPattern',
  ],
])('%j is refused', (request, code, text) => {
  const { store, events } = createStore();
  expect(() => store.put(request)).toThrow(serviceException(code, text));
  expect([store.find(request.name), events]).toEqual([undefined, []]);
});

test('the type of a parameter cannot change', () => {
  const { store } = createStore();
  store.put({ name: '/team/tag', value: 'a', type: 'String' });
  expect(() =>
    store.put({ name: '/team/tag', value: 'a', type: 'SecureString', overwrite: true }),
  ).toThrow(serviceException('HierarchyTypeMismatchException'));
});

test('a parameter of a template has the name that CloudFormation gave it', () => {
  const { store } = createStore();
  const definition = readParameterDefinition({
    stack: 'Stack',
    logicalId: 'Tag',
    type: 'AWS::SSM::Parameter',
    physicalId: 'CFN-Tag-1',
    attributes: {},
    properties: { Type: 'String', Value: 5 },
    region: 'ap-northeast-2',
    account: '000000000000',
  });
  expect(store.put(definition)).toMatchObject({ name: 'CFN-Tag-1', value: '5' });
});
