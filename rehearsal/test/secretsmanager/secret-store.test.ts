import { readSecretDefinition } from '../../src/secretsmanager/secret-definition';
import { SecretStore } from '../../src/secretsmanager/secret-store';
import { ManualClock } from '../_helpers/manual-clock';

const createStore = () => new SecretStore('000000000000', 'ap-northeast-2', new ManualClock());

test('a secret is found by name, ARN and partial ARN', () => {
  const store = createStore();
  const secret = store.create('dev/token', 't');
  expect(secret.arn).toBe(store.secretArn('dev/token'));
  for (const id of ['dev/token', secret.arn, secret.arn.slice(0, -7)]) {
    expect(store.getValue(id).secretString).toBe('t');
  }
  expect(store.find('dev')).toBeUndefined();
});

test('a new value becomes current and the old one previous', () => {
  const store = createStore();
  const { versions } = store.create('dev/token', 'one');
  store.putValue('dev/token', 'two');
  store.putValue('dev/token', 'three');
  expect(store.resolve('dev/token')).toBe('three');
  expect(store.resolve('dev/token', undefined, { stage: 'AWSPREVIOUS' })).toBe('two');
  expect(store.getValue('dev/token', { versionId: versions[0]!.versionId }).stages).toEqual([]);
});

test('one key of a JSON secret can be resolved', () => {
  const store = createStore();
  store.create('dev/token', '{"token":"t","n":1}');
  expect(store.resolve('dev/token', 'token')).toBe('t');
  for (const key of ['other', 'n']) {
    expect(() => store.resolve('dev/token', key)).toThrow(`JSONKey '${key}'`);
  }
});

test('a key of a secret that is no JSON is refused', () => {
  const store = createStore();
  store.create('dev/token', 'plain');
  expect(() => store.resolve('dev/token', 'token')).toThrow("JSONKey 'token'");
});

test('a secret without a value has none to read', () => {
  const store = createStore();
  store.create('dev/token');
  expect(() => store.getValue('dev/token')).toThrow(
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  );
});

test('a name is taken once and must be valid', () => {
  const store = createStore();
  store.create('dev/token');
  expect(() => store.create('dev/token')).toThrow(
    'The operation failed because the secret dev/token already exists.',
  );
  expect(() => store.create('dev token')).toThrow('Invalid name');
});

test('a secret of a template is read with its text', () => {
  const definition = readSecretDefinition({
    stack: 'Stack',
    logicalId: 'Token',
    type: 'AWS::SecretsManager::Secret',
    physicalId: 'arn',
    name: 'dev/token',
    attributes: {},
    properties: { Name: 'dev/token', SecretString: 't' },
    region: 'ap-northeast-2',
    account: '000000000000',
  });
  expect(definition).toEqual({ name: 'dev/token', arn: 'arn', secretString: 't' });
});
